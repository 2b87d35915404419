//! The user's settings of cargo: <https://doc.rust-lang.org/cargo/reference/config.html>. There may
//! be passwords in them, which a build script must not see: as a token, in a URL, in a variable.

use toml::{Table, Value};

/// What cannot hold a password, unless it is in a URL. Offline, cargo needs no other settings.
const HARMLESS: [&str; 13] = [
    "alias",
    "build",
    "cargo-new",
    "doc",
    "future-incompat-report",
    "install",
    "net",
    "profile",
    "resolver",
    "source",
    "target",
    "term",
    "unstable",
];

/// Where cargo gets packages instead of from crates.io.
const REGISTRIES: [&str; 2] = ["registries", "source"];

/// A longer run of letters and digits in a URL may be a password.
const LONGEST_WORD: usize = 15;

/// The user's settings, parsed.
pub struct Settings(Table);

impl Settings {
    /// `None` if cargo would not understand them, either.
    pub fn parse(text: &[u8]) -> Option<Self> {
        std::str::from_utf8(text).ok()?.parse().ok().map(Self)
    }

    /// Whether there is certainly no password in them.
    pub fn are_harmless(&self) -> bool {
        self.0.iter().all(|(key, value)| HARMLESS.contains(&&**key) && !may_have_password(value))
    }

    /// Whether cargo may not find downloaded packages without them.
    pub fn name_registries(&self) -> bool {
        REGISTRIES.iter().any(|key| self.0.contains_key(*key))
    }
}

/// Whether there is a URL in it with more than the name of a host and short words.
fn may_have_password(value: &Value) -> bool {
    match value {
        Value::String(text) => {
            let mut words = text.split(|c: char| !c.is_alphanumeric());
            let has_long = words.any(|word| word.chars().count() > LONGEST_WORD);
            text.contains("://") && (text.contains(['@', '?', '#']) || has_long)
        }
        Value::Array(values) => values.iter().any(may_have_password),
        Value::Table(table) => table.values().any(may_have_password),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Settings {
        Settings::parse(text.as_bytes()).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn a_password_can_be_anywhere() {
        for text in [
            "[registry]\ntoken = 'x'",
            "[registries.ours]\nindex = 'https://example.org'",
            "[env]\nPASSWORD = 'x'",
            "[http]\nproxy = 'user:x@example.org'",
            "[credential-alias]\nx = ['pass', 'x']",
            "[source.mirror]\nregistry = 'https://user:x@example.org'",
            "source.mirror.registry = \"sparse+https://u\\u0073er:x\\u0040example.org/\"",
            "[source.mirror]\nregistry = 'https://example.org/?t=x'",
            "[source.mirror]\nregistry = 'https://example.org/a1b2c3d4e5f6a7b8/index.git'",
            "[target.x]\nrustflags = ['--cfg', 'x=\"https://user:x@example.org\"']",
        ] {
            assert!(!parsed(text).are_harmless(), "{text}");
        }
        assert!(Settings::parse(b"[net").is_none());
    }

    #[test]
    fn a_mirror_and_settings_of_builds_are_no_secret() {
        for text in [
            "",
            "[net]\nretry = 1\n[build]\njobs = 2\n[profile.dev]\ndebug = 0",
            "[source.crates-io]\nreplace-with = 'mirror'\n\
             [source.mirror]\nregistry = 'sparse+https://mirrors.ustc.edu.cn/crates.io-index/'",
            "[source.vendored]\ndirectory = '/home/teacher/vendored-packages-of-the-course'",
        ] {
            assert!(parsed(text).are_harmless(), "{text}");
        }
        assert!(parsed("[source.x]").name_registries() && !parsed("[net]").name_registries());
    }
}
