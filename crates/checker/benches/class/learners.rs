//! Makes up the learners of a class: right answers in several languages, and the same with mistakes
//! that the checker knows. The same seed makes the same class.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a part of the class has handed in.
pub struct Group {
    pub name: &'static str,
    pub learners: Vec<Learner>,
}

/// The files in a learner's folder.
pub type Learner = Vec<File>;

#[derive(Clone)]
pub struct File {
    path: String,
    content: Vec<u8>,
    mode: u32,
}

struct Language {
    name: &'static str,
    /// What has to be installed.
    program: &'static str,
    kind: Kind,
    /// The right answers, in the order of `NAMES`.
    right: [&'static str; 4],
    mistakes: &'static [Mistake],
    /// Of 60 learners, how many write in it.
    share: usize,
}

/// What is handed in.
#[derive(Clone, Copy)]
enum Kind {
    /// A file with this ending.
    Script(&'static str),
    /// A program that this has compiled from a file with this ending.
    Compiled(&'static [&'static str], &'static str),
    /// A Cargo package.
    Package,
}

/// How a right answer becomes a wrong one. Where nothing changes, the mistake cannot be made. Threads
/// and processes sleep for a while in any case: without that, each run has another order.
struct Mistake {
    before: &'static str,
    changes: &'static [(&'static str, &'static str)],
    after: &'static str,
}

const fn before(text: &'static str) -> Mistake {
    Mistake { before: text, changes: &[], after: "" }
}

const fn after(text: &'static str) -> Mistake {
    Mistake { before: "", changes: &[], after: text }
}

const fn change(changes: &'static [(&'static str, &'static str)]) -> Mistake {
    Mistake { before: "", changes, after: "" }
}

const NAMES: [&str; 4] = ["countasync", "countsync", "rand", "chained"];

macro_rules! answers {
    ($folder:literal, $ending:literal) => {
        [
            include_str!(concat!("../../tests/", $folder, "/countasync.", $ending)),
            include_str!(concat!("../../tests/", $folder, "/countsync.", $ending)),
            include_str!(concat!("../../tests/", $folder, "/rand.", $ending)),
            include_str!(concat!("../../tests/", $folder, "/chained.", $ending)),
        ]
    };
}

const IN_PYTHON: [&str; 4] = answers!("answers", "py");

const LANGUAGES: [Language; 5] = [
    Language {
        name: "Python",
        program: "python3",
        kind: Kind::Script("py"),
        right: IN_PYTHON,
        mistakes: &[
            // It blocks.
            change(&[
                ("await sleep(", "__import__('time').sleep("),
                ("await asyncio.sleep(", "__import__('time').sleep("),
            ]),
            // It awaits one after the other.
            change(&[
                ("await gather(*[count() for _ in range(3)])", "[await count() for _ in range(3)]"),
                (
                    "await asyncio.gather(*map(makerandom, range(3)))",
                    "[await makerandom(i) for i in range(3)]",
                ),
                ("await asyncio.gather(*map(chain, numbers))", "[await chain(n) for n in numbers]"),
            ]),
            // It does not wait, or for another time.
            change(&[
                ("sleep(1)", "sleep(0)"),
                ("sleep(index + 1)", "sleep(0)"),
                ("sleep(seconds)", "sleep(0)"),
            ]),
            change(&[
                ("sleep(1)", "sleep(2)"),
                ("sleep(index + 1)", "sleep(index + 2)"),
                ("sleep(seconds)", "sleep(seconds + 1)"),
            ]),
            // It reports a time that is not true.
            change(&[("monotonic() - begin", "9.0")]),
            // It prints nothing, to standard error, or all at the end.
            before("print = lambda *words, **options: None\n"),
            before("import functools, sys\nprint = functools.partial(print, file=sys.stderr)\n"),
            before("import sys\nsys.stdout = open(1, 'w', 1 << 16, closefd=False)\n"),
            // It crashes, fails, or never ends.
            after("\nraise ValueError('no')\n"),
            after("\nraise SystemExit(1)\n"),
            after("\n__import__('threading').Event().wait()\n"),
        ],
        share: 30,
    },
    Language {
        name: "node",
        program: "node",
        kind: Kind::Script("js"),
        right: answers!("cage/answers", "js"),
        mistakes: &[
            change(&[(
                "await sleep(",
                "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ",
            )]),
            change(&[("sleep(1000", "sleep(0")]),
            change(&[("sleep(1000", "sleep(2000")]),
            before("console.log = () => {};\n"),
            before("console.log = console.error;\n"),
            after("\nthrow new Error('no');\n"),
            after("\nprocess.exitCode = 1;\n"),
        ],
        share: 8,
    },
    Language {
        name: "shell",
        program: "bash",
        kind: Kind::Script("sh"),
        right: answers!("cage/answers", "sh"),
        mistakes: &[
            change(&[(" & done", "; done"), (" &\n", "\n")]),
            before("sleep() { command sleep 0.$1; }\n"),
            before("sleep() { command sleep $(($1 + 1)); }\n"),
            before("exec >&2\n"),
            after("\nexit 1\n"),
            after("\nsleep infinity\n"),
        ],
        share: 8,
    },
    Language {
        name: "C, compiled",
        program: "cc",
        kind: Kind::Compiled(&["cc", "-pthread", "-o"], "c"),
        right: answers!("cage/answers", "c"),
        mistakes: &[
            before("#include <unistd.h>\n#define sleep(seconds) usleep(100000 * (seconds))\n"),
            before("#include <unistd.h>\n#define sleep(seconds) sleep((seconds) + 1)\n"),
        ],
        share: 4,
    },
    Language {
        name: "Rust, a package",
        program: "cargo",
        kind: Kind::Package,
        right: answers!("cage/answers", "rs"),
        mistakes: &[
            change(&[("from_secs(", "from_millis(100 * ")]),
            change(&[("from_secs(", "from_secs(1 + ")]),
        ],
        share: 2,
    },
];

/// Of 60 learners, how many hand in something else.
const OTHERS: usize = 8;
/// Gives a program a reason to run in real time: a socket with a timeout.
const IN_REAL_TIME: &str = "import socket, struct
socket.socketpair()[0].setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack('ll', 1, 0))
";
/// As much more than a second as may be the fault of the machine, on the first try.
const A_LITTLE_LATE: &str = "sleep(1.5)";

/// A class of so many learners, as far as the languages are installed.
pub fn class(count: usize, seed: u64) -> Vec<Group> {
    let mut random = StdRng::seed_from_u64(seed);
    let of_60 = |share: usize| (share * count).div_ceil(60);
    let is_installed = |language: &&Language| {
        let found = Command::new("which").arg(language.program).stdout(Stdio::null()).status();
        let is_installed = found.is_ok_and(|found| found.success());
        if !is_installed {
            eprintln!("left out: {} is not installed", language.program);
        }
        is_installed
    };
    let mut groups: Vec<_> = LANGUAGES
        .iter()
        .filter(is_installed)
        .map(|language| {
            let mut compiled = BTreeMap::new();
            let learners =
                (0..of_60(language.share)).map(|_| language.learner(&mut random, &mut compiled));
            Group { name: language.name, learners: learners.collect() }
        })
        .collect();
    let others = others();
    let learners = others.iter().cycle().take(of_60(OTHERS)).cloned().collect();
    groups.push(Group { name: "broken, missing, real time", learners });
    groups
}

impl Language {
    /// Somebody who gets about two of three answers right, and may leave one out.
    fn learner(&self, random: &mut StdRng, compiled: &mut BTreeMap<String, Vec<u8>>) -> Learner {
        let mut files = Vec::new();
        for (name, right) in NAMES.iter().zip(self.right) {
            let draw = random.random_range(0..60);
            let source = match draw {
                0..38 => right.to_owned(),
                38..58 => self.wrong(right, random),
                _ => continue,
            };
            files.push(match self.kind {
                Kind::Script(ending) => File::new(format!("{name}.{ending}"), source),
                Kind::Compiled(compiler, ending) => {
                    let content = compiled
                        .entry(source)
                        .or_insert_with_key(|source| compile(compiler, ending, source));
                    File { mode: 0o755, ..File::new(*name, content.clone()) }
                }
                Kind::Package => File::new(format!("src/bin/{name}.rs"), source),
            });
        }
        if let Kind::Package = self.kind {
            let manifest =
                "[package]\nname = \"answers\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
            files.push(File::new("Cargo.toml", manifest));
        }
        files
    }

    fn wrong(&self, right: &str, random: &mut StdRng) -> String {
        let with = |mistake: &Mistake| {
            let changed = mistake
                .changes
                .iter()
                .fold(right.to_owned(), |text, (from, to)| text.replace(from, to));
            format!("{}{changed}{}", mistake.before, mistake.after)
        };
        let wrong: Vec<_> = self.mistakes.iter().map(with).filter(|text| text != right).collect();
        wrong.choose(random).expect("each answer can be wrong").clone()
    }
}

impl File {
    fn new(path: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), content: content.into(), mode: 0o644 }
    }
}

fn compile(compiler: &[&str], ending: &str, source: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let (source_file, program) =
        (folder.path().join(format!("answer.{ending}")), folder.path().join("answer"));
    fs::write(&source_file, source).expect("a new file");
    let compiled =
        Command::new(compiler[0]).args(&compiler[1..]).args([&program, &source_file]).status();
    assert!(compiled.expect("it is installed").success(), "{source}");
    fs::read(program).expect("it was compiled")
}

/// Those who hand in something that cannot be graded, or only in real time.
fn others() -> Vec<Learner> {
    let [right, ..] = IN_PYTHON;
    let countasync = |text: String| vec![File::new("countasync.py", text)];
    let all = |text: &str| NAMES.iter().map(|name| File::new(format!("{name}.py"), text)).collect();
    vec![
        vec![File::new("notes.txt", "Sorry, I was ill.\n")],
        countasync(format!("{IN_REAL_TIME}{right}")),
        all("def (:\n"),
        vec![File::new("Cargo.toml", "[package\n"), File::new("src/bin/countasync.rs", "")],
        countasync(format!("{IN_REAL_TIME}{}", right.replace("sleep(1)", A_LITTLE_LATE))),
        all("raise ValueError('no')\n"),
        vec![File::new("countasync.py", right), File::new("countasync.sh", "echo One\n")],
    ]
}

/// Puts the files of a learner into a new folder.
pub fn write(learner: &Learner, folder: &Path) {
    for file in learner {
        let path = folder.join(&file.path);
        fs::create_dir_all(path.parent().expect("it is in a folder")).expect("a folder");
        fs::write(&path, &file.content).expect("a new file");
        fs::set_permissions(&path, Permissions::from_mode(file.mode)).expect("it is ours");
    }
}
