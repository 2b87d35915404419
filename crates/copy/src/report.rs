//! What is printed once an exercise has been copied: where it is, what has to be done before it
//! builds there, and the commands to type next.

use copy::{Copied, Order, Place, Repository};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use toml::Value;

/// What is printed once an exercise has been copied.
pub fn report(order: &Order, copied: &Copied, repository: &Repository) -> String {
    let Order { exercise, starter, .. } = order;
    let destination = copied.destination.display();
    let mut report = if copied.shares_common {
        format!("Copied {exercise} into {destination}, beside common, which was already there.\n")
    } else {
        format!("Copied {exercise} and common into {destination}.\n")
    };
    report += &place(&copied.place);
    if copied.has_namesake {
        report += &format!(
            "\nThis workspace also has the crate {exercise} from crates.io, so -p {exercise} may be ambiguous:\n\
             run the exercise in its own folder, as below.\n"
        );
    }
    if *starter {
        report += "\nsrc/main.rs is yours to write: its comments say what must happen.\n";
    }
    let folder = quoted(&copied.destination.join(exercise));
    let check = quoted(&repository.folder.join("scripts/check"));
    report += &format!("\nNext:\n  cd {folder}\n  cargo run\n  cargo test\n");
    // The cage opens no folder beside the exercise's own just because its manifest names it.
    report += &format!("  {check} --allow-read ../common {exercise} -- cargo run -q\n");
    report
}

fn place(place: &Place) -> String {
    match place {
        Place::Outside => "It is not in a workspace: no lines to add.\n".into(),
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
        Place::Unloadable(trouble) => format!(
            "\nCargo cannot load it there:\n{trouble}\n\n\
             Fix that first, or copy to a folder outside that workspace.\n"
        ),
    }
}

/// An element of an array in TOML, on a line of its own.
fn line(path: &Path) -> String {
    format!("    {},\n", Value::from(path.display().to_string()))
}

/// A path as a word of a command in bash or zsh. Crates that quote for the shell put the whole path
/// in quotes; without quotes it is easier to read.
fn quoted(path: &Path) -> String {
    match path.to_str() {
        Some(text) if !text.contains(char::is_control) => text.chars().map(escaped).collect(),
        _ => format!("$'{}'", path.as_os_str().as_bytes().escape_ascii()),
    }
}

fn escaped(c: char) -> String {
    let is_plain = c.is_alphanumeric() || "/-_.,:@%+".contains(c);
    if is_plain { c.to_string() } else { format!("\\{c}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;
    use std::process::Command;

    #[test]
    fn bash_reads_the_path_that_was_quoted() {
        let paths: [&[u8]; 4] = [
            b"/plain/path-1.2",
            "/a 'path' \"with\" $HOME, ~, \\, é and 日本 *#;&|<>(){}[]!?`=^".as_bytes(),
            b"/a\ttab, a\nnewline, a 'quote' and a \\",
            b"/not UTF-8: \xff1 \"quoted\"",
        ];
        for bytes in paths {
            let path = Path::new(OsStr::from_bytes(bytes));
            let command = format!("printf %s {}", quoted(path));
            let output = Command::new("bash").args(["-c", &command]).output().unwrap();
            assert_eq!(Path::new(OsStr::from_bytes(&output.stdout)), path, "{command}");
        }
        assert_eq!(quoted(Path::new("/plain/path-1.2")), "/plain/path-1.2");
    }

    #[test]
    fn a_line_to_add_is_toml() {
        for path in ["new/common", "it's/\"new\"\\common"] {
            let list: toml::Table =
                format!("members = [\n{}]", line(Path::new(path))).parse().unwrap();
            assert_eq!(list["members"][0].as_str(), Some(path));
        }
        assert_eq!(line(Path::new("new/common")), "    \"new/common\",\n");
    }
}
