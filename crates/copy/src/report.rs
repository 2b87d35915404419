//! What is printed once an exercise has been copied: where it is, what is left to do for it to
//! build there, and the commands to type next.

use copy::{Copied, Order, Place, Repository};
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use toml::Value;

/// What is printed once an exercise has been copied.
pub fn report(order: &Order, copied: &Copied, repository: &Repository) -> String {
    let Order { exercise, starter, .. } = order;
    let destination = copied.destination.display();
    let mut report = if copied.shares_common {
        format!("Copied {exercise} into {destination}, beside common, which was there already.\n")
    } else {
        format!("Copied {exercise} and common into {destination}.\n")
    };
    report += &place(&copied.place);
    if copied.has_namesake {
        report += &format!(
            "\nThis workspace also has the crate {exercise} of crates.io, so -p {exercise} may be ambiguous:\n\
             run the exercise in its own folder, as below.\n"
        );
    }
    if *starter {
        report += "\nsrc/main.rs is yours to write: its comments say what must happen.\n";
    }
    let folder = quoted(&copied.destination.join(exercise));
    let check = quoted(&repository.folder.join("scripts/check"));
    report += &format!("\nNext:\n  cd {folder}\n  cargo run\n  cargo test\n");
    report += &format!("  {check} {exercise} -- cargo run -q\n");
    report
}

fn place(place: &Place) -> String {
    match place {
        Place::Outside => "It is in no workspace: no lines to add.\n".into(),
        Place::Member { workspace } => {
            format!("It belongs to the workspace of {}: no lines to add.\n", workspace.display())
        }
        Place::Unlisted { workspace, has_members, members } => {
            let workspace = workspace.display();
            let lines: String = members.iter().map(|member| line(member)).collect();
            if *has_members {
                format!("\nAdd to members in {workspace}:\n{lines}")
            } else {
                format!("\nAdd to [workspace] in {workspace}:\nmembers = [\n{lines}]\n")
            }
        }
        Place::Unloadable(trouble) => format!("\nCargo cannot load it there yet:\n{trouble}\n"),
    }
}

/// An element of an array in TOML, on a line of its own.
fn line(path: &Path) -> String {
    format!("    {},\n", Value::from(path.display().to_string()))
}

/// A path as a word of a command in bash or zsh. Crates that quote for the shell put the whole path
/// in quotes, and a path is easier to read, and to complete, without.
fn quoted(path: &Path) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/-_.,:@%+".contains(c);
    let bytes = path.as_os_str().as_bytes();
    let mut word = String::new();
    match path.to_str() {
        Some(path) if !path.contains(char::is_control) => {
            for c in path.chars() {
                if !is_plain(c) {
                    word.push('\\');
                }
                word.push(c);
            }
        }
        _ => {
            for byte in bytes {
                match byte {
                    b'\\' | b'\'' => word += &format!("\\{}", *byte as char),
                    b' '..=b'~' => word.push(*byte as char),
                    _ => write!(word, "\\{byte:03o}").unwrap(),
                }
            }
            word = format!("$'{word}'");
        }
    }
    word
}
