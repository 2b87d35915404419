//! Paths in a learner's folder, as they were submitted: where that is unpacked is nobody's business.

use crate::escape::visible;
use crate::recording::{Line, Recording};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::path::Path;

/// A folder, whose path is left out of whatever names something in it.
pub struct Relative {
    /// How its path is written.
    spellings: Vec<String>,
}

impl Relative {
    /// Relative to this folder, which is a real path.
    #[must_use]
    pub fn to(folder: &Path) -> Self {
        let path = folder.display().to_string();
        let mut spellings = vec![visible(path.as_bytes()), in_url(&path), path];
        spellings.sort();
        spellings.dedup();
        Self { spellings }
    }

    /// The text, in which paths in the folder are relative to it, and the folder is `.`.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for path in self.spellings.iter().filter(|path| !path.is_empty()) {
            for start in [format!("file://{path}"), path.clone()] {
                if text.contains(&start) {
                    text = text.replace(&format!("{start}/"), "").replace(&start, ".");
                }
            }
        }
        text
    }

    /// The recording with its command and lines like this.
    #[must_use]
    pub fn recording(&self, recording: Recording) -> Recording {
        let bytes = |bytes: Vec<u8>| match String::from_utf8(bytes) {
            Ok(text) => self.text(&text).into_bytes(),
            Err(error) => error.into_bytes(),
        };
        let line = |line: Line| Line { bytes: bytes(line.bytes), ..line };
        let lines = |lines: Vec<Line>| lines.into_iter().map(line).collect();
        Recording {
            command: self.all(recording.command),
            stdout: lines(recording.stdout),
            stderr: lines(recording.stderr),
            clock: self.all(recording.clock),
            refused: self.all(recording.refused),
            ..recording
        }
    }

    /// The same data with all its texts like this.
    #[must_use]
    pub fn all<T: Serialize + DeserializeOwned>(&self, data: T) -> T {
        let Ok(mut value) = serde_json::to_value(&data) else { return data };
        self.value(&mut value);
        serde_json::from_value(value).unwrap_or(data)
    }

    fn value(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Array(values) => values.iter_mut().for_each(|it| self.value(it)),
            Value::Object(values) => values.values_mut().for_each(|it| self.value(it)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// A path in a URL, as interpreters of JavaScript name their files.
fn in_url(path: &str) -> String {
    let mut url = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_graphic() && !b"\"#%<>?\\^`{|}".contains(&byte) {
            url.push(byte.into());
        } else {
            url += &format!("%{byte:02X}");
        }
    }
    url
}
