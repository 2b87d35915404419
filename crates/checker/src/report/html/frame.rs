//! The frame of a page: it can neither fetch nor send anything, and runs nothing but our own script,
//! whatever is on the page.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use maud::{DOCTYPE, PreEscaped, html};
use sha2::{Digest, Sha256};

/// The colors, and how an answer's result looks.
pub const LEARNER_STYLE: &str = include_str!("learner.css");

/// The start of a page, up to its content.
#[must_use]
pub fn start(title: &str, style: &str, script: Option<&str>) -> String {
    let policy = policy(style, script);
    let head = html! {
        (DOCTYPE)
        html lang="en";
        meta charset="utf-8";
        meta http-equiv="Content-Security-Policy" content=(policy);
        meta name="viewport" content="width=device-width, initial-scale=1";
        meta name="color-scheme" content="light dark";
        title { (title) }
        style { (PreEscaped(style)) }
    };
    head.0
}

/// Content security policy: names our style and our script by their hashes.
/// <https://www.w3.org/TR/CSP3/#external-hash>
fn policy(style: &str, script: Option<&str>) -> String {
    let hash = |text: &str| format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)));
    let script = script.map_or("'none'".into(), hash);
    format!(
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; \
         style-src {}; script-src {script}",
        hash(style)
    )
}
