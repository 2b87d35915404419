//! Where a hostile program runs: beside other submissions, on the machine of a teacher who has a home,
//! secrets and other programs.

use crate::machine::{Machine, copy_program};
use nix::errno::Errno;
use nix::libc;
use nix::pty::{OpenptyResult, openpty};
use nix::sys::resource::{Resource, setrlimit};
use serde_json::Value;
use std::cell::RefCell;
use std::fmt::{self, Display};
use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, lchown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tempfile::TempDir;

/// The hostile programs.
const PROGRAMS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cage/programs");
/// What programs that are alike share.
const SHARED: [&str; 2] = ["hostile.py", "system_calls.py"];
/// How long a check may take. The programs themselves take a few seconds at most.
const LONGEST: Duration = Duration::from_secs(60);

/// A teacher's folders: `home`, `tmp`, and `submissions` of `alice`, who is right, and `mallory`.
pub struct Stage<'a> {
    pub machine: &'a Machine,
    folder: TempDir,
    /// Words that nobody but the teacher should see: in files, in the environment, and in what the
    /// checker has open.
    pub secret: String,
    /// The program of mallory.
    command: Vec<String>,
    /// Where the checker writes its report.
    report: RefCell<Option<PathBuf>>,
}

/// What was seen of a check.
pub struct Seen {
    code: Option<i32>,
    report: Value,
    stdout: String,
    stderr: String,
}

impl<'a> Stage<'a> {
    /// A stage on this machine, for this program.
    pub fn new(machine: &'a Machine, program: &str) -> Self {
        let folder = TempDir::with_prefix_in("stage-", machine.folder()).expect("a folder");
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("it is ours");
        let secret = format!("secret-{:016x}", rand::random::<u64>());
        let (command, report) = (Vec::new(), RefCell::default());
        let mut stage = Self { machine, folder, secret, command, report };
        for folder in ["bin", "home", "tmp", "submissions/alice", "submissions/mallory"] {
            fs::create_dir_all(stage.path(folder)).expect("a new folder");
        }
        fs::hard_link(machine.checker(), stage.checker()).expect("a new name");
        let source = Path::new(PROGRAMS).join(program);
        let own = stage.path("submissions/mallory").join(source.file_stem().expect("a name"));
        let own = own.display().to_string();
        stage.command = if program.ends_with(".c") {
            copy_program(&compiled(&source), Path::new(&own));
            vec![own]
        } else {
            for name in SHARED {
                let copy = stage.path("submissions/mallory").join(name);
                fs::copy(Path::new(PROGRAMS).join(name), copy).expect("a copy");
            }
            let script = format!("{own}.py");
            fs::copy(source, &script).expect("a copy");
            vec![python().into(), script]
        };
        stage
    }

    /// A path on the stage.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The checker's own program.
    pub fn checker(&self) -> PathBuf {
        self.path("bin/checker")
    }

    /// A new file that holds the secret.
    pub fn file(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, &self.secret).expect("a new file");
        if let Some(user) = self.machine.other_user() {
            lchown(&path, Some(user), Some(user)).expect("root may do that");
        }
        path
    }

    /// Tells the program what to attack.
    pub fn aim(&self, targets: &[&dyn Display]) {
        let lines: String = targets.iter().map(|target| format!("{target}\n")).collect();
        fs::write(self.path("submissions/mallory/targets"), lines).expect("a new file");
    }

    /// The checker writes its report to this file.
    pub fn set_report(&self, path: PathBuf) {
        *self.report.borrow_mut() = Some(path);
    }

    /// A process of the same user, which runs until it is dropped. The secret is in its environment
    /// and in its command line.
    pub fn bystander(&self) -> Bystander {
        let mut command = Command::new(python());
        let sleep = "import time; time.sleep(1000)";
        command.args(["-c", sleep, &self.secret]).env("SECRET", &self.secret);
        self.machine.as_user(&mut command);
        Bystander(command.spawn().expect("it is installed"))
    }

    /// A terminal of the same user, and its path.
    pub fn terminal(&self) -> (OpenptyResult, PathBuf) {
        let terminal = openpty(None, None).expect("a terminal");
        let path = nix::unistd::ttyname(&terminal.slave).expect("it has a name");
        if let Some(user) = self.machine.other_user() {
            lchown(&path, Some(user), None).expect("root may do that");
        }
        (terminal, path)
    }

    /// Checks the program.
    pub fn check(&self, clock: &str, options: &str) -> Seen {
        let open = self.path("open");
        fs::write(&open, &self.secret).expect("a new file");
        let open = File::open(open).expect("it is there");
        self.hand_over();
        let report = self.report.borrow();
        let mut command = Command::new(self.checker());
        command
            .args(["countasync", "--format", "json", "--verbose", "--clock", clock])
            .args(self.machine.options.split_whitespace())
            .args(options.split_whitespace())
            .args(report.iter().flat_map(|path| [Path::new("--output"), path]))
            .arg("--")
            .args(&self.command)
            .current_dir(self.path("home"))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path("home"))
            .env("TMPDIR", self.path("tmp"))
            .env("LANG", "C.UTF-8")
            .env("GITHUB_TOKEN", &self.secret)
            .env("AWS_SECRET_ACCESS_KEY", &self.secret)
            .env("SSH_AUTH_SOCK", self.path(&self.secret))
            .env("COURSE", &self.secret)
            .stdin(Stdio::null());
        self.machine.on_this_machine(&mut command);
        // SAFETY: between fork and exec, this makes system calls and allocates nothing.
        unsafe {
            command.pre_exec(move || {
                setrlimit(Resource::RLIMIT_CORE, libc::RLIM_INFINITY, libc::RLIM_INFINITY)?;
                Errno::result(libc::fcntl(open.as_raw_fd(), libc::F_SETFD, 0))?;
                Ok(())
            });
        }
        let output = assert_cmd::Command::from_std(command).timeout(LONGEST).output();
        let output = output.expect("it starts");
        let text = |bytes| String::from_utf8(bytes).expect("the checker writes UTF-8");
        let stdout = text(output.stdout);
        let written = report.as_ref().and_then(|path| {
            let is_file = fs::symlink_metadata(path).is_ok_and(|it| it.is_file());
            fs::read_to_string(path).ok().filter(|_| is_file)
        });
        let report = serde_json::from_str(written.as_ref().unwrap_or(&stdout)).unwrap_or_default();
        Seen { code: output.status.code(), report, stdout, stderr: text(output.stderr) }
    }

    /// Gives everything to the user of this machine, but for the checker, which others run as well.
    fn hand_over(&self) {
        let Some(user) = self.machine.other_user() else { return };
        let mut paths = vec![self.folder.path().to_owned()];
        while let Some(path) = paths.pop() {
            if path == self.checker() {
                continue;
            }
            lchown(&path, Some(user), Some(user)).expect("root may do that");
            if fs::symlink_metadata(&path).is_ok_and(|it| it.is_dir()) {
                let all = fs::read_dir(&path).expect("a folder");
                paths.extend(all.map(|entry| entry.expect("an entry").path()));
            }
        }
    }
}

impl Seen {
    /// What the program printed.
    pub fn lines(&self) -> Vec<&str> {
        let recordings = self.report["exercises"][0]["recordings"].as_array();
        let lines = recordings.into_iter().flatten().filter_map(|one| one["stdout"].as_array());
        lines.flatten().filter_map(|line| line["text"].as_str()).collect()
    }

    /// Whether these words are anywhere in what the checker wrote.
    pub fn has(&self, words: &str) -> bool {
        [&self.report.to_string(), &self.stdout, &self.stderr].iter().any(|it| it.contains(words))
    }

    /// What the report says of a part of the cage.
    pub fn said_of(&self, part: &str) -> &Value {
        &self.report["exercises"][0]["cage"][part]
    }

    /// Whether the report says that all of this part of the cage is held.
    pub fn claims(&self, part: &str) -> bool {
        let part = self.said_of(part);
        let is_empty = |key: &str| part[key].as_array().is_none_or(Vec::is_empty);
        !is_empty("by") && is_empty("except")
    }

    /// How the program ended.
    pub fn ending(&self) -> &Value {
        &self.report["exercises"][0]["recordings"][0]["ending"]
    }

    /// Whether the program ended by itself, and was judged by what it printed.
    pub fn is_judged(&self) -> bool {
        self.code == Some(1) && *self.ending() == serde_json::json!({"exited": 0})
    }
}

impl Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(f, "exit code {:?}, ending {}", self.code, self.ending())?;
        self.lines().iter().try_for_each(|line| writeln!(f, "   {line}"))?;
        let exercise = &self.report["exercises"][0];
        let stderr = exercise["recordings"][0]["stderr"].as_array().into_iter().flatten();
        stderr.map(|line| &line["text"]).try_for_each(|line| writeln!(f, "   error {line}"))?;
        let reason = &exercise["criteria"][0]["reason"]["seen"];
        writeln!(f, "   {reason} {} {}", exercise["problem"], self.stderr)
    }
}

/// What is in a file, and what the system notes of it besides.
#[derive(PartialEq)]
pub struct State {
    text: String,
    mode: u32,
    owner: (u32, u32),
    modified: i64,
    links: u64,
    has_attributes: bool,
}

impl State {
    /// None if there is no such file.
    pub fn of(path: &Path) -> Option<Self> {
        let metadata = fs::symlink_metadata(path).ok()?;
        Some(Self {
            text: fs::read_to_string(path).ok()?,
            mode: metadata.mode(),
            owner: (metadata.uid(), metadata.gid()),
            modified: metadata.mtime(),
            links: metadata.nlink(),
            has_attributes: rustix::fs::llistxattr(path, &mut [0; 100]).is_ok_and(|size| size > 0),
        })
    }
}

/// A process that no program has anything to do with.
pub struct Bystander(Child);

impl Bystander {
    /// Its process id.
    pub fn id(&self) -> i32 {
        self.0.id().cast_signed()
    }

    /// Whether nobody has killed it.
    pub fn is_alive(&mut self) -> bool {
        self.0.try_wait().expect("it is ours").is_none()
    }
}

impl Drop for Bystander {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// How many processes have this path in their command line.
pub fn processes(of: &Path) -> usize {
    let path = of.as_os_str().as_bytes();
    let all = fs::read_dir("/proc").expect("Linux has it").flatten();
    let commands = all.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    commands.filter(|command| command.windows(path.len()).any(|part| part == path)).count()
}

/// A Python that every user can read, if there is one.
pub fn python() -> &'static str {
    let of_the_system = "/usr/bin/python3";
    if Path::new(of_the_system).exists() { of_the_system } else { "python3" }
}

/// The executable of a source in C, compiled once per run of the tests.
fn compiled(source: &Path) -> PathBuf {
    static COMPILED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let name = source.file_stem().expect("a name");
    let executable = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if !compiled.contains(&executable) {
        let mut compiler = Command::new("cc");
        // Another run of the tests may be using it.
        let new = executable.with_extension(std::process::id().to_string());
        compiler.args(["-Wall", "-Wextra", "-Werror", "-O1", "-o"]).arg(&new).arg(source);
        assert!(compiler.status().expect("cc starts").success(), "{} compiles", source.display());
        fs::rename(new, &executable).expect("the executable");
        compiled.push(executable.clone());
    }
    executable
}
