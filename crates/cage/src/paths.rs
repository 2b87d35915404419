//! Writes and reads paths as bytes: by itself, `serde` takes only those that are UTF-8.

use serde::{Deserialize, Deserializer, Serializer};
use std::ffi::OsString;
use std::path::PathBuf;

pub fn serialize<S: Serializer>(paths: &[PathBuf], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(paths.iter().map(|path| path.as_os_str()))
}

pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<PathBuf>, D::Error> {
    let paths = Vec::<OsString>::deserialize(deserializer)?;
    Ok(paths.into_iter().map(PathBuf::from).collect())
}
