//! Which environment variables a program gets: a short list, as any other may hold a password, or
//! the address of something that the program must not reach.

use std::ffi::{OsStr, OsString};

/// Language, time zone and `PATH`; then those that say where an interpreter, its packages or its
/// libraries are. These name files, but do not make them readable.
const PASSED: [&str; 30] = [
    "PATH",
    "TZ",
    "LANG",
    "LANGUAGE",
    // Not everything that begins with LC_: such names also carry other things through `ssh`.
    "LC_ADDRESS",
    "LC_ALL",
    "LC_COLLATE",
    "LC_CTYPE",
    "LC_IDENTIFICATION",
    "LC_MEASUREMENT",
    "LC_MESSAGES",
    "LC_MONETARY",
    "LC_NAME",
    "LC_NUMERIC",
    "LC_PAPER",
    "LC_TELEPHONE",
    "LC_TIME",
    "CLASSPATH",
    "CONDA_PREFIX",
    "DOTNET_ROOT",
    "GOROOT",
    "JAVA_HOME",
    "LD_LIBRARY_PATH",
    "NODE_PATH",
    "PERL5LIB",
    "PYTHONHOME",
    "PYTHONPATH",
    "RUBYLIB",
    "RUSTUP_TOOLCHAIN",
    "VIRTUAL_ENV",
];

/// Those of these variables that a program gets: the ones on the list, and those whose names the
/// user allows.
#[must_use]
pub fn passed(
    variables: impl Iterator<Item = (OsString, OsString)>,
    allowed: &[OsString],
) -> Vec<(OsString, OsString)> {
    let is_passed = |name: &OsStr| {
        PASSED.iter().any(|one| name == *one) || allowed.iter().any(|one| name == one)
    };
    variables.filter(|(name, _)| is_passed(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_short_list_passes_and_what_is_allowed() {
        let names = [
            "PATH",
            "LC_ALL",
            "LC_TOKEN",
            "SSH_AUTH_SOCK",
            "GITHUB_TOKEN",
            "https_proxy",
            "LD_PRELOAD",
            "HOME",
            "PATH2",
            "path",
            "MY_SETTING",
        ];
        let variables = || names.map(|name| (name.into(), "value".into())).into_iter();
        let names = |allowed: &[OsString]| -> Vec<_> {
            let passed = passed(variables(), allowed).into_iter();
            passed.map(|(name, _)| name.into_string().expect("UTF-8")).collect()
        };
        assert_eq!(names(&[]), ["PATH", "LC_ALL"]);
        assert_eq!(names(&["MY_SETTING".into()]), ["PATH", "LC_ALL", "MY_SETTING"]);
    }
}
