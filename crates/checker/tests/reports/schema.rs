//! JSON schemas of what platforms document: `schemas/`.

use boon::{Compiler, Schemas};
use serde_json::Value;

/// # Panics
///
/// If the JSON does not follow the schema, with the places where it does not.
#[track_caller]
pub fn assert_follows(json: &str, schema: &str) {
    let schema: Value = serde_json::from_str(schema).expect("it is JSON");
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.add_resource("schema.json", schema).expect("a name");
    let schema = compiler.compile("schema.json", &mut schemas).expect("a schema");
    let json: Value = serde_json::from_str(json).expect("it is JSON");
    schemas.validate(&json, schema).unwrap_or_else(|error| panic!("{error:#}"));
}
