//! Programs that want what is outside of their cage: the verdict says that it is the cage, and what
//! helps; and it does not say so of programs that crash by themselves.

use crate::terminal::Terminal;
use crate::{CHECKER, Call, mistakes, side_by_side, write_file};
use nix::unistd::geteuid;
use serde_json::Value;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const OUTSIDE: &str = "outside-the-cage";
const PERL: &str = "perl anna/p.pl";
const READS_IN_JAVA: &str = "class P { public static void main(String[] a) throws Exception {
    new java.io.FileInputStream(\"data/words.json\"); } }";
const OPENS_IN_JAVA: &str = "class P { public static void main(String[] a) throws Exception {
    java.nio.file.Files.readString(java.nio.file.Path.of(\"data/words.json\")); } }";
const WRITES_IN_JAVA: &str = "class P { public static void main(String[] a) throws Exception {
    new java.io.FileWriter(\"anna/beside.txt\"); } }";
const LAYERS: [&str; 2] = ["", "--cage-without namespaces"];

/// A class of learners, with anna's program, and a home folder elsewhere.
struct Class(TempDir);

impl Class {
    fn new(program: &str, script: &str) -> Self {
        let class = Self(tempfile::tempdir().expect("a folder"));
        class.file("home/.keep", "");
        class.file("class/data/words.json", "{}");
        class.file("class/util.py", "");
        class.file(&format!("class/anna/{program}"), script);
        class
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        write_file(&path, text);
        path
    }

    fn call(&self, arguments: &str, home: &str, command: &str) -> Call {
        let home = self.0.path().join(home).display().to_string();
        let mut call = Call::new(arguments).with("HOME", &home);
        call.command.current_dir(self.0.path().join("class"));
        call.command.arg("--").args(command.split(' '));
        call
    }

    /// How a check ends: the report on the exercise.
    fn check(&self, options: &str, command: &str) -> Value {
        let arguments = format!("countasync --format json {options}");
        self.call(&arguments, "home", command).answer().json()["exercises"][0].clone()
    }
}

fn reason<'a>(exercise: &'a Value, key: &str) -> &'a str {
    exercise["criteria"][0]["reason"][key].as_str().unwrap_or_default()
}

#[test]
fn what_the_cage_kept_from_a_program_is_named_with_what_helps() {
    let hidden = "it tried to read data/words.json, which is hidden in the cage";
    let written = "beside.txt; in the cage, it may write only to $TMPDIR";
    let network = "it tried to use the network; there is none in the cage";
    let all = [
        ("p.py", "open('data/words.json')", "python3 anna/p.py", hidden, "--allow-read"),
        ("p.sh", "cat data/words.json || exit 1", "sh anna/p.sh", hidden, "--allow-read"),
        (
            "p.py",
            "import os\nopen(os.path.dirname(__file__) + '/beside.txt', 'w')",
            "python3 anna/p.py",
            written,
            "$TMPDIR",
        ),
        ("P.java", READS_IN_JAVA, "java anna/P.java", hidden, "--allow-read"),
        ("P.java", OPENS_IN_JAVA, "java anna/P.java", hidden, "--allow-read"),
        ("P.java", WRITES_IN_JAVA, "java anna/P.java", written, "$TMPDIR"),
        (
            "p.pl",
            "open F, $n = 'data/words.json' or die \"can't open '$n': $!\"",
            PERL,
            hidden,
            "read",
        ),
        (
            "p.pl",
            "open F, $n = 'data/words.json' or die \"Couldn't read $n: $!\"",
            PERL,
            hidden,
            "read",
        ),
        ("p.sh", "cd anna; echo x > beside.txt || exit 1", "sh anna/p.sh", written, "$TMPDIR"),
        (
            "p.py",
            "import socket\nsocket.create_connection(('127.0.0.1', 9))",
            "python3 anna/p.py",
            "it tried to use a socket",
            "--allow-loopback",
        ),
        (
            "p.py",
            "import socket\nsocket.getaddrinfo('example.com', 80)",
            "python3 anna/p.py",
            network,
            "--allow-loopback",
        ),
        (
            "p.py",
            "import urllib.request\nurllib.request.urlopen('http://127.0.0.1:9')",
            "python3 anna/p.py",
            network,
            "--allow-loopback",
        ),
    ];
    side_by_side(&all, |(name, script, command, seen, helps)| {
        let class = Class::new(name, script);
        for layers in LAYERS {
            let report = class.check(layers, command);
            assert_eq!(mistakes(&report)["ends"], OUTSIDE, "{layers}: {script}: {report:#}");
            assert!(reason(&report, "seen").contains(seen), "{layers}: {report:#}");
            assert!(reason(&report, "hint").contains(helps), "{layers}: {report:#}");
        }
        let off = class.check("--cage off", command);
        assert_ne!(mistakes(&off).get("ends"), Some(&OUTSIDE), "{script}: {off:#}");
    });
}

#[test]
fn a_crash_of_its_own_is_not_the_cages_doing() {
    let scripts = [
        "open('data/no-such.json')",
        "import os\nopen(os.path.dirname(os.path.abspath(__file__)) + '/no-such.json')",
        "open('no-such/words.json')",
        "import no_such_module",
        "try: open('data/words.json')\nexcept OSError as e: print(e, file=__import__('sys').stderr)\nint('x')",
        "raise KeyError('data/words.json')",
        "raise PermissionError(13, 'Permission denied')",
        "raise SystemExit(\"can't write the log 'x': Permission denied\")",
        "raise SystemExit(\"user's name isn't set: Permission denied\")",
        "raise SystemExit(\"it's not 'mine', permission denied\")",
    ];
    side_by_side(&scripts, |script| {
        let class = Class::new("p.py", script);
        for layers in LAYERS {
            let report = class.check(layers, "python3 anna/p.py");
            assert_eq!(mistakes(&report)["ends"], "crash", "{layers}: {script}: {report:#}");
        }
    });
}

/// What is wrong with a program's folder, a link, a socket or this cage gets the advice that fits.
#[test]
fn advice_fits() {
    let manager = "import multiprocessing\nif __name__ == '__main__': multiprocessing.Manager()";
    let (socket, unix_socket) = ("socket.socket()", "socket.socket(socket.AF_UNIX)");
    let [socket, unix_socket] = [socket, unix_socket].map(|it| format!("import socket\n{it}"));
    let lock = "import multiprocessing\nmultiprocessing.Lock()";
    let compiles = "echo 'int main() { return 0; }' > $TMPDIR/a.c\n\
                    gcc -o $TMPDIR/a $TMPDIR/a.c && $TMPDIR/a";
    let link = "open('anna/link.json')";
    let without = "--cage-without namespaces";
    let (unix, namespaces) = ("Unix sockets do not work", "--cage-report says how to get them");
    let all = [
        ("p.py", manager, "", "a socket", unix),
        ("p.py", manager, without, "a socket", unix),
        ("p.py", &socket, "", "a socket", "--allow-loopback. Unix sockets"),
        ("p.py", &unix_socket, "--allow-loopback", "a socket", "no socket. (Unix sockets"),
        ("p.py", lock, without, "only with namespaces", namespaces),
        ("p.sh", compiles, without, "only with namespaces", namespaces),
        ("p.py", link, "", "link.json, a link to TOP/class/data/words.json", "not a link to it"),
        ("p.py", link, without, "a link to TOP/class/data/words.json", "not a link to it"),
    ];
    side_by_side(&all, |(name, script, options, seen, hint)| {
        let class = Class::new(name, script);
        let top = class.0.path().canonicalize().expect("it is there");
        symlink("../data/words.json", top.join("class/anna/link.json")).expect("a new link");
        let interpreter = if name.ends_with("py") { "python3" } else { "sh" };
        let report = class.check(options, &format!("{interpreter} anna/{name}"));
        let seen = seen.replace("TOP", &top.display().to_string());
        assert!(reason(&report, "seen").contains(&seen), "{script}: {report:#}");
        assert!(reason(&report, "hint").contains(hint), "{script}: {report:#}");
    });
    let class = Class::new("p.py", "");
    for script in ["import util", "open('data/words.json')"] {
        class.file("class/p.py", script);
        let call = class.call("countasync --format json", "class", "python3 p.py");
        let report = call.answer().json()["exercises"][0].clone();
        assert!(reason(&report, "seen").contains("right in a home folder"), "{report:#}");
        assert!(reason(&report, "hint").contains("to a folder of its own"), "{report:#}");
    }
}

/// A lab server: the teacher is root there, and the files are the learners' own.
#[test]
fn what_only_roots_privileges_open_is_said_before_the_start() {
    if !geteuid().is_root() {
        return;
    }
    let class = Class::new("countasync.py", "import helper");
    class.file("class/anna/helper.py", "");
    class.file("class/anna/run/countasync", "#!/bin/sh\necho One\n");
    class.file("class/anna/package/Cargo.toml", "[package]\nname = \"countasync\"\n");
    class.file("class/anna/package/src/main.rs", "fn main() {}");
    let set = |path: &str, mode: u32| {
        let path = class.0.path().join("class").join(path);
        chown(&path, Some(1234), Some(1234)).expect("root may");
        fs::set_permissions(path, Permissions::from_mode(mode)).expect("root may");
    };
    let said = |arguments: &str| {
        let mut call = Call::new(&format!("countasync {arguments}"));
        call.command.current_dir(class.0.path().join("class"));
        let answer = call.answer();
        answer.stdout + &answer.stderr
    };
    let is_told = |arguments: &str, closed: &str, command: &str| {
        for layers in LAYERS {
            let said = said(&format!("{layers} {arguments}"));
            let path = class.0.path().join("class").join(closed).display().to_string();
            let who =
                format!("as {path} belongs to uid 1234: run the checker as uid 1234, or {command}");
            assert!(said.contains("root has no privileges in the cage"), "{arguments}: {said}");
            assert!(said.contains(&who), "{arguments}: {who}: {said}");
        }
    };
    let script = "-- python3 anna/countasync.py";
    set("anna/helper.py", 0o600);
    let report = class.check("", "python3 anna/countasync.py");
    assert!(reason(&report, "seen").contains("whose permissions forbid"), "{report:#}");
    set("anna/countasync.py", 0o640);
    for arguments in [script, "--dir anna"] {
        is_told(arguments, "anna/countasync.py", "chmod -R a+rX");
    }
    set("anna/run/countasync", 0o700);
    is_told("-- anna/run/countasync", "anna/run/countasync", "chmod -R a+rX");
    set("anna", 0o750);
    is_told(script, "anna", "chmod -R a+rX");
    is_told("--dir anna/run", "anna", "chmod a+x");
    is_told("--dir anna/package", "anna", "chmod a+x");
    assert!(!class.0.path().join("class/anna/package/target").exists());
    let off = said(&format!("--cage off {script}"));
    assert!(!off.contains("no privileges"), "{off}");
}

/// Whether something is in the home folder of the teacher is nobody else's business.
#[test]
fn nobody_learns_what_is_in_a_home_folder() {
    let class = Class::new("p.py", "");
    class.file("class/.ssh/key", "secret");
    let said = [".ssh/key", ".ssh/other", "berta/p.py", "data"].map(|name| {
        let path = class.0.path().join("class").join(name).display().to_string();
        class.file("class/anna/p.py", &format!("open('{path}')"));
        let call = class.call("countasync --format json", "class", "python3 anna/p.py");
        let report = call.answer().json()["exercises"][0].clone();
        reason(&report, "seen").replace(&path, "PATH")
    });
    assert!(said[0].starts_with("it tried to read PATH, which is hidden"), "{said:?}");
    assert!(said.iter().all(|one| *one == said[0]), "{said:?}");
}

#[test]
fn a_crash_says_its_cause() {
    let all = [
        ("thread 'main' panicked at src/main.rs:2:5:\nit is empty\nnote: run with", "it is empty"),
        (
            "/usr/bin/ld: cannot find -lfoo\ncollect2: error: ld returned 1 exit status",
            "/usr/bin/ld: c",
        ),
        ("X.java:1: error: ';' expected\nclass\n1 error", "X.java:1: error: ';' expected"),
        (
            "a.c:1:2: error: first\na.c:2:2: error: second\nmake: *** [x] Error 1",
            "a.c:1:2: error: first",
        ),
        ("error: could not find it\n\nCaused by:\n  another error", "error: could not find it"),
        ("Traceback (most recent call last):\n  x\nValueError: bad", "ValueError: bad"),
        ("Error: oops\n    at emitErrorNT (node:x)\n\nNode.js v20", "Error: oops"),
    ];
    for (message, cause) in all {
        let script = format!("cat >&2 <<'END'\n{message}\nEND\nexit 1\n");
        let report = Class::new("p.sh", &script).check("", "sh anna/p.sh");
        let seen = reason(&report, "seen");
        assert!(seen.contains(&format!("its error: \"{cause}")), "{message}: {seen}");
    }
}

/// Where only the report is shown, its message is not.
#[test]
fn a_line_that_python_cannot_read_is_named() {
    for (script, line) in [("def count(:", 1), ("def count():\nprint('One')", 2)] {
        let report = Class::new("p.py", script).check("", "python3 anna/p.py");
        let seen = reason(&report, "seen");
        assert!(seen.ends_with(&format!("\", in line {line} of \"p.py\"")), "{seen}");
    }
}

#[test]
fn a_teacher_is_told_what_a_program_in_a_cage_may_do_if_points_are_lost() {
    let class = Class::new("p.py", "import util");
    let told = "in the cage, a program can read only";
    let human = |options: &str| {
        let answer = class.call(&format!("countasync {options}"), "home", "python3 anna/p.py");
        answer.answer().stdout
    };
    let in_cage = human("");
    let lines: Vec<_> = in_cage.lines().collect();
    let at = lines.iter().position(|line| line.contains(told));
    let at = at.unwrap_or_else(|| panic!("{in_cage}"));
    assert!(lines[at].contains("--allow-read PATH") && lines[at].contains("--cage off"));
    assert!(lines[at + 1].starts_with("in a cage: files"), "{in_cage}");
    let off = human("--cage off");
    assert!(!off.contains(told) && off.contains("\nNOT in a cage: programs ran"), "{off}");
    let nothing = human("--cage-without namespaces,landlock,filter");
    assert!(!nothing.contains(told) && !nothing.contains("\nin a cage"), "{nothing}");
    assert!(nothing.contains("NOT in a cage: nothing here covers files, network"), "{nothing}");
    let junit = class.call("countasync --cage off --format junit", "home", "python3 anna/p.py");
    assert!(junit.answer().stdout.contains("NOT in a cage"));
}

#[test]
fn pictures_and_watched_programs_say_so_too() {
    let class = Class::new("p.py", "open('data/words.json')");
    let picture = class.call("timeline", "home", "python3 anna/p.py").answer().stderr;
    assert!(picture.contains("in a cage: it tried to read data/words.json, which is"), "{picture}");
    assert!(picture.contains("--allow-read PATH"), "{picture}");
    let other = Class::new("p.py", "import util");
    let picture = other.call("timeline", "home", "python3 anna/p.py").answer().stderr;
    assert!(picture.contains("No module named 'util'"), "{picture}");
    assert!(picture.contains("in the cage, a program can read only"), "{picture}");

    let watch = |class: &Class, said: &str| {
        let mut command = Command::new(CHECKER);
        command.args(["--watch", "countasync", "--", "python3", "anna/p.py"]);
        command.env("HOME", class.0.path().join("home"));
        let here: &Path = &class.0.path().join("class");
        let mut terminal = Terminal::start(command, here, "xterm");
        terminal.wait_for(said);
        terminal.press("q");
    };
    watch(&class, "which is hidden in the cage");
    watch(&other, "in the cage, a program can");
}

#[test]
fn what_is_to_be_typed_is_quoted() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path().canonicalize().expect("it is there");
    let target = folder.join("two words/mine.py");
    write_file(&target, "print('One')");
    std::fs::create_dir(folder.join("alice")).expect("a new folder");
    std::os::unix::fs::symlink(&target, folder.join("alice/mine.py")).expect("a new link");
    let mut call = Call::new("countasync -- python3 alice/mine.py");
    call.command.current_dir(&folder);
    let answer = call.answer();
    let option = format!("--allow-read '{}'", target.display());
    assert!(answer.stdout.contains(&option), "{}{}", answer.stdout, answer.stderr);
}

/// Neither the user nor a learner need have chosen its name.
#[test]
fn the_name_of_a_folder_can_be_any_bytes() {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path().join(std::ffi::OsStr::from_bytes(b"\xff\xfe"));
    write_file(&folder.join("mine.py"), "print('One')");
    for layers in ["", "--cage-without namespaces"] {
        let mut call = Call::new(&format!("countasync --verbose {layers} -- python3 mine.py"));
        call.command.current_dir(&folder);
        let answer = call.answer();
        assert!(answer.stdout.contains("  One\n"), "{}{}", answer.stdout, answer.stderr);
    }
}
