//! Sets a package apart from the workspace in which the submissions happen to be unpacked: as long as it is
//! neither a member of it nor a workspace of its own, cargo does not build it.

use serde::Deserialize;
use serde::de::IgnoredAny;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// What makes a package a workspace of its own.
const APART: &str = "\n# Not a member of the workspace around the submission.\n[workspace]\n";

/// What of a manifest says that it is part of a workspace.
#[derive(Deserialize)]
struct Manifest {
    workspace: Option<IgnoredAny>,
    package: Option<Package>,
}

#[derive(Deserialize)]
struct Package {
    workspace: Option<IgnoredAny>,
}

/// Makes a package a workspace of its own if it would be taken for a part of one that is not in the
/// submission. `package` is its folder, relative to that of the submission.
///
/// # Errors
///
/// If its manifest cannot be written.
pub fn set_apart(submission: &Path, package: &Path) -> io::Result<()> {
    let is_inside_another =
        submission.ancestors().skip(1).any(|folder| folder.join("Cargo.toml").exists());
    let manifest = |folder: &Path| submission.join(folder).join("Cargo.toml");
    let text = |folder: &Path| fs::read_to_string(manifest(folder)).unwrap_or_default();
    let is_done = text(package).ends_with(APART);
    if !is_inside_another || is_done || package.ancestors().any(|it| has_workspace(&text(it))) {
        return Ok(());
    }
    OpenOptions::new().append(true).open(manifest(package))?.write_all(APART.as_bytes())
}

/// Whether a manifest is, or names, a workspace that was submitted.
fn has_workspace(manifest: &str) -> bool {
    let Ok(Manifest { workspace, package }) = toml::from_str(manifest) else { return false };
    let is_named = package.is_some_and(|package| package.workspace.is_some());
    is_named || workspace.is_some() && !manifest.ends_with(APART)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_packages_that_are_in_no_workspace_of_the_submission_are_set_apart() {
        let folder = tempfile::tempdir().expect("a folder");
        let submission = folder.path().join("submission");
        let manifest = |name: &str| submission.join(name).join("Cargo.toml");
        let package = "[package]\nname = \"it\"\n";
        let packages = [
            ("alone", package.to_owned(), true),
            ("alone/below", package.to_owned(), true),
            ("root", format!("{package}[workspace]\n"), false),
            ("root/member", package.to_owned(), false),
            ("named", format!("{package}workspace = \"../root\"\n"), false),
        ];
        let write = || {
            for (name, text, _) in &packages {
                fs::create_dir_all(submission.join(name)).expect("a folder");
                fs::write(manifest(name), text).expect("a file");
            }
        };
        let apart = |name: &str| {
            set_apart(&submission, Path::new(name)).expect("it can be written");
            set_apart(&submission, Path::new(name)).expect("it can be written");
            let text = fs::read_to_string(manifest(name)).expect("text");
            toml::from_str::<Manifest>(&text).expect("a manifest");
            text.ends_with(APART)
        };
        write();
        let of_all = packages.each_ref().map(|(name, ..)| apart(name));
        assert_eq!(of_all, [false; 5], "nothing is around the submission");
        fs::write(folder.path().join("Cargo.toml"), "[workspace]\n").expect("a file");
        write();
        for (name, _, expected) in &packages {
            assert_eq!(apart(name), *expected, "{name}");
        }
    }
}
