//! Cargo packages: what they build, and building it.

use super::Package;
use super::caged::{self, Build};
use crate::caging::Caging;
use crate::escape::visible;
use crate::recorder::processes;
use crate::recording::Ending;
use crate::runner::Stop;
use cage::limits::{limit_memory, size};
use cage::{built_here, needs, regular_file};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::setsid;
use serde_json::Value;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{self, Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, SystemTime};

/// How packages are built.
pub struct Builder<'a> {
    /// The cage that packages are built in: build scripts and macros run then. Without it, they run
    /// with the user's own permissions.
    pub caging: Option<&'a Caging>,
    /// Folders that may be read in the cage, besides those of the manifest and its workspace.
    pub folders: Vec<PathBuf>,
    /// The target folder, whatever cargo's settings and variables say: packages of different learners
    /// have the same name, so in one folder, the program of one takes the place of the other's.
    pub target: Option<PathBuf>,
    /// Ends a build early.
    pub stop: Stop,
    /// Takes each line of cargo's errors, which are for the user to read.
    pub says: &'a (dyn Fn(&str) + Sync),
}

impl<'a> Builder<'a> {
    /// For any package, where cargo is told to build it.
    #[must_use]
    pub fn new(caging: Option<&'a Caging>, stop: Stop, says: &'a (dyn Fn(&str) + Sync)) -> Self {
        Self { caging, folders: Vec::new(), target: None, stop, says }
    }

    /// It goes on to the end, and cargo's errors go to standard error.
    #[must_use]
    pub fn aloud() -> Self {
        Self::new(None, Stop::default(), &say)
    }

    /// It goes on until it is stopped, and cargo's errors are dropped.
    #[must_use]
    pub fn quiet(stop: &Stop) -> Self {
        Self::new(None, stop.clone(), &|_| {})
    }

    /// Builds in this cage until it is stopped. Returns cargo's errors, too, line by line.
    pub fn gathering<T>(
        stop: &Stop,
        caging: Option<&Caging>,
        build: impl FnOnce(&Builder) -> T,
    ) -> (T, Vec<String>) {
        let printed = Mutex::new(Vec::new());
        let says = |line: &str| printed.lock().expect("no panic").push(line.to_owned());
        let built = build(&Builder::new(caging, stop.clone(), &says));
        (built, printed.into_inner().expect("no panic"))
    }

    /// The same, for a package that may read these folders and is built in this target folder.
    pub fn for_package(&self, folders: Vec<PathBuf>, target: Option<PathBuf>) -> Self {
        Self { caging: self.caging, folders, target, stop: self.stop.clone(), says: self.says }
    }

    /// What cargo prints with these arguments, the first of which is its command.
    fn cargo(&self, arguments: &[&str], manifest: &Path) -> Result<Output, String> {
        let cannot_run = |error: io::Error| format!("cannot run cargo: {error}");
        // A relative path may look like an option.
        let manifest_path = path::absolute(manifest).map_err(cannot_run)?;
        // What cargo has started is ours to kill if it does not do so itself. If the system cannot do
        // that, there is nobody to adopt.
        let _ = processes::adopt_orphans();
        let others = processes::children();
        let target = self.target.as_deref();
        let caged = self
            .caging
            .map(|caging| caged::command(caging, arguments, &manifest_path, &self.folders, target));
        let (mut command, order, target) = match caged.transpose()? {
            Some(Build { command, order, target }) => (command, order, Some(target)),
            None => {
                let mut command = uncaged(arguments, &manifest_path);
                let target = target.map(uncaged_target).transpose()?;
                if let Some(target) = &target {
                    command.env("CARGO_TARGET_DIR", target).env("CARGO_BUILD_BUILD_DIR", target);
                }
                (command, Vec::new(), target)
            }
        };
        let is_caged = self.caging.is_some();
        if is_caged || self.stop.is_before_end() {
            in_new_session(&mut command);
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(cannot_run)?;
        let id = processes::pid(child.id());
        let mut stdin = child.stdin.take().expect("stdin is a pipe");
        // If nobody reads it, the child has ended, as shows below.
        let _ = stdin.write_all(&order);
        // A build in a cage ends when this is closed, which the system does if the checker is killed.
        let open = is_caged.then_some(stdin);
        let stdout = child.stdout.take().expect("stdout is a pipe");
        let stderr = child.stderr.take().expect("stderr is a pipe");
        let child = Arc::new(Mutex::new(Some(child)));
        let kill = {
            let child = Arc::clone(&child);
            move || {
                if let Some(child) = child.lock().expect("no panic").as_mut() {
                    // With the compilers, if the group is its own; it may have ended by itself.
                    let _ = killpg(id, Signal::SIGKILL);
                    let _ = child.kill();
                }
            }
        };
        self.stop.when_stopped(kill.clone());
        let (status, printed) = thread::scope(|scope| {
            scope.spawn(|| self.pass_on(stderr));
            let printed = scope.spawn(|| {
                let printed = read_all(stdout);
                if !matches!(printed, Ok(Some(_))) {
                    kill();
                }
                printed
            });
            let status = wait_for(&child);
            // What it has left would keep its output open: the compilers of a cargo that was killed,
            // or a program that a build script has started.
            if is_caged || self.stop.is_stopped() {
                processes::kill_all(None, &others, processes::KILL_LIMIT);
            }
            (status, printed.join().expect("no panic"))
        });
        drop(open);
        if is_caged {
            cage::remove_private_folder_of(id.as_raw().cast_unsigned());
        }
        let (command, manifest) = (arguments[0], manifest.display());
        if self.stop.is_stopped() {
            return Err(format!("cargo {command} was stopped"));
        }
        let Some(printed) = printed.map_err(cannot_run)? else {
            let most = size(MOST_OUTPUT);
            return Err(format!("cargo {command} printed more than {most} in {manifest}"));
        };
        let mut has_succeeded = status.map_err(cannot_run)?.success();
        if is_caged {
            let ending = caged::ending(&printed);
            if let Some(why) = ending.as_ref().and_then(caged::why_stopped) {
                return Err(why);
            }
            has_succeeded &= ending == Some(Ending::Exited(0));
        }
        if !has_succeeded {
            return Err(format!("cargo {command} failed for {manifest}"));
        }
        Ok(Output { text: String::from_utf8_lossy(&printed).into_owned(), target })
    }

    /// Passes on cargo's errors as it prints them, up to a limit.
    fn pass_on(&self, errors: impl Read) {
        let mut errors = BufReader::new(errors.take(MOST_ERRORS));
        let mut line = Vec::new();
        while let Ok(1..) = (&mut errors).take(LONGEST_LINE).read_until(b'\n', &mut line) {
            (self.says)(&visible(line.strip_suffix(b"\n").unwrap_or(&line)));
            line.clear();
        }
        // Cargo must not wait for somebody to read the rest.
        let mut rest = errors.into_inner().into_inner();
        if io::copy(&mut rest, &mut io::sink()).is_ok_and(|bytes| bytes > 0) {
            (self.says)("...");
        }
    }
}

/// The folder in this target folder where packages are built without a cage, made if need be: its real
/// path. What a cage has built is not run outside it.
fn uncaged_target(target: &Path) -> Result<PathBuf, String> {
    let folder = target.join("uncaged");
    let made = || -> io::Result<PathBuf> {
        // A learner can make a link to anything.
        if target.is_symlink() || folder.is_symlink() {
            return Err(io::Error::other("there is a link on the way: remove it"));
        }
        fs::create_dir_all(&folder)?;
        let real = folder.canonicalize()?;
        built_here::empty_at_first(&real)?;
        Ok(real)
    };
    made().map_err(|error| format!("{}: {error}", folder.display()))
}

/// What cargo has printed.
struct Output {
    text: String,
    /// Where it builds, if that is in a cage, or in a folder that was chosen for it.
    target: Option<PathBuf>,
}

/// Bytes of cargo's output, which says a few thousand about each dependency.
const MOST_OUTPUT: u64 = 16 << 20;
/// Bytes of its errors that are passed on.
const MOST_ERRORS: u64 = 1 << 20;
/// Bytes of a line of these. What is longer becomes several lines.
const LONGEST_LINE: u64 = 10_000;
/// How much memory cargo may take to look at a package, in bytes. A learner can make a manifest
/// without end, as a link to a device.
const MOST_MEMORY: u64 = 1 << 30;

/// Reads to the end. None if that is too far.
fn read_all(output: impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    output.take(MOST_OUTPUT + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= MOST_OUTPUT).then_some(bytes))
}

/// Waits until the child has ended. Others can kill it meanwhile, and no more afterwards.
fn wait_for(child: &Mutex<Option<Child>>) -> io::Result<ExitStatus> {
    const LOOK: Duration = Duration::from_millis(10);
    loop {
        let mut locked = child.lock().expect("no panic");
        let ended = locked.as_mut().expect("it is taken once").try_wait();
        if let Some(ended) = ended.transpose() {
            locked.take();
            return ended;
        }
        drop(locked);
        thread::sleep(LOOK);
    }
}

/// Cargo with the user's own permissions. Asked about a package, it runs in a folder where the
/// package's own settings do not apply.
fn uncaged(arguments: &[&str], manifest: &Path) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(arguments).arg("--manifest-path").arg(manifest);
    if arguments.contains(&"metadata") {
        command.current_dir("/");
        limit_memory(&mut command, MOST_MEMORY);
    }
    command
}

/// Away from the user's terminal, to which a build script could write.
fn in_new_session(command: &mut Command) {
    // SAFETY: between fork and exec, this makes a system call and allocates nothing.
    unsafe {
        command.pre_exec(|| Ok(setsid().map(|_| ())?));
    }
}

pub fn say(line: &str) {
    let _ = writeln!(io::stderr(), "cargo: {line}");
}

/// The first error of those that cargo printed, line by line: the others often follow from it. After
/// a compiler's error there is at least one more, which counts them; an error of cargo's own is the
/// only one, and goes on after an empty line with what may fix it.
#[must_use]
pub fn first_error(printed: &[String]) -> Vec<String> {
    let is_error = |line: &&String| line.starts_with("error");
    let start = printed.iter().position(|line| is_error(&line)).unwrap_or(0);
    let is_cargos = printed.iter().filter(is_error).count() == 1;
    let lines = printed[start..].iter().take_while(|line| is_cargos || !line.is_empty());
    lines.cloned().collect()
}

/// Whether the first error is about a place in the sources. One of cargo, of the linker, or of a
/// machine that has no room names none.
pub fn is_in_sources(printed: &[String]) -> bool {
    first_error(printed).iter().any(|line| line.trim_start().starts_with(PLACE))
}

/// What the compiler puts before a place in the sources.
const PLACE: &str = "--> ";

/// The first error in one line, if there is one: a compiler's with its place, cargo's own with its
/// causes.
pub fn in_one_line(printed: &[String]) -> Option<String> {
    let error = first_error(printed);
    let mut lines = error.iter().map(|line| line.trim());
    let mut text = lines.next().filter(|line| line.starts_with("error"))?.to_owned();
    let mut before = "";
    for line in lines {
        if line.starts_with(PLACE) {
            return Some(format!("{text} {line}"));
        }
        if before == "Caused by:" {
            text += &format!(": {line}");
        }
        before = line;
    }
    Some(text)
}

/// A binary, an example or the like of a Cargo package.
pub struct Target {
    /// The name of its package.
    pub package: String,
    pub kind: String,
    pub name: String,
    /// Its source file.
    pub main: PathBuf,
    /// The folder of its package.
    pub folder: PathBuf,
}

/// How long cargo may take to look at a package.
const PATIENCE: Duration = Duration::from_secs(60);

/// What cargo says about a package or workspace. Its errors quote what it has read, which may be
/// another file if a learner has made a link to one. So if there is a cage, they are those that it
/// has in there.
fn metadata(manifest: &Path, caging: Option<&Caging>) -> Result<Value, String> {
    const ARGUMENTS: [&str; 3] = ["metadata", "--no-deps", "--format-version=1"];
    // A learner can put a pipe where cargo looks, which would keep it waiting.
    if let Some(why) = needs::not_a_file(manifest) {
        return Err(why);
    }
    let stop = Stop::default();
    let (until, (_is_done, done)) = (stop.clone(), mpsc::channel::<()>());
    thread::spawn(move || {
        if done.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            until.stop();
        }
    });
    let (aloud, quiet) =
        (Builder { stop: stop.clone(), ..Builder::aloud() }, Builder::quiet(&stop));
    let outside = if caging.is_some() { quiet } else { aloud };
    let said = match outside.cargo(&ARGUMENTS, manifest) {
        Err(_) if stop.is_stopped() => {
            let (seconds, manifest) = (PATIENCE.as_secs(), manifest.display());
            return Err(format!(
                "cargo metadata took longer than {seconds} s in {manifest}: is there a named pipe in \
                 place of a file?"
            ));
        }
        Err(_) if caging.is_some() => {
            Builder { caging, ..Builder::aloud() }.cargo(&ARGUMENTS, manifest)?
        }
        said => said?,
    };
    // In a cage, another line says how it ended.
    let line = said.text.lines().next().unwrap_or_default();
    serde_json::from_str(line).map_err(|error| error.to_string())
}

/// The targets of a Cargo package or workspace.
pub fn targets(manifest: &Path, caging: Option<&Caging>) -> Result<Vec<Target>, String> {
    let metadata = metadata(manifest, caging)?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let of_package = |package: Value| {
        let manifest = PathBuf::from(text(&package["manifest_path"]));
        let folder = manifest.parent().map(Path::to_owned).unwrap_or_default();
        let package_name = text(&package["name"]);
        list(&package["targets"]).into_iter().map(move |target| Target {
            package: package_name.clone(),
            kind: text(&target["kind"][0]),
            name: text(&target["name"]),
            main: text(&target["src_path"]).into(),
            folder: folder.clone(),
        })
    };
    Ok(list(&metadata["packages"]).into_iter().flat_map(of_package).collect())
}

/// The package that a command has cargo run here, if it does. Without options that name one, it is
/// the one of the manifest, or the only one with a binary.
pub fn run_by(command: &[String]) -> Option<Package> {
    let here = std::env::current_dir().ok()?;
    let (manifest, words) = needs::of_cargo(command, &here)?;
    let words: Vec<_> = words.into_iter().take_while(|word| *word != "--").collect();
    let manifest = manifest.canonicalize().ok()?;
    let (kind, name) = match option(&words, &["--example"]) {
        Some(name) => ("example", Some(name)),
        None => ("bin", option(&words, &["--bin"])),
    };
    let package = option(&words, &["-p", "--package"]);
    let targets = targets(&manifest, None).ok()?.into_iter().filter(|target| {
        target.kind == kind
            && name.is_none_or(|name| target.name == name)
            && package.is_none_or(|package| target.package == package)
    });
    let mut targets: Vec<_> = targets.collect();
    // `false` is less than `true`.
    targets.sort_by_key(|target| Some(&*target.folder) != manifest.parent());
    let Target { name, folder, main, .. } = targets.into_iter().next()?;
    Some(Package { binary: name, manifest: folder.join("Cargo.toml"), folder, main })
}

/// The value of an option with one of these names.
fn option<'a>(words: &[&'a str], names: &[&str]) -> Option<&'a str> {
    words.iter().enumerate().find_map(|(index, word)| match word.split_once('=') {
        Some((name, value)) if names.contains(&name) => Some(value),
        None if names.contains(word) => words.get(index + 1).copied(),
        _ => None,
    })
}

/// An executable that cargo has built.
struct Built {
    path: String,
    /// Whether it had been built before, from sources that are no newer, as cargo sees it.
    is_fresh: bool,
}

/// Builds a target of a package: a `bin` or an `example`. Returns the command that runs it.
///
/// # Errors
///
/// One line, if it cannot be built or was stopped; the builder says why.
pub fn build(
    manifest: &Path,
    kind: &str,
    name: &str,
    builder: &Builder,
) -> Result<Vec<String>, String> {
    Ok(vec![executable(manifest, kind, name, builder)?.path])
}

/// Builds a binary from these sources as they are now. Cargo goes by their times alone, and would
/// keep what it had built if an older file was put in the place of a newer one; so what is not
/// compiled now is touched, and then built again.
pub fn build_as_saved(
    manifest: &Path,
    name: &str,
    sources: &[PathBuf],
    builder: &Builder,
) -> Result<Vec<String>, String> {
    let built = executable(manifest, "bin", name, builder)?;
    if !built.is_fresh {
        return Ok(vec![built.path]);
    }
    for source in sources.iter().filter(|source| source.is_file()) {
        // What belongs to somebody else stays as it is.
        let _ = regular_file::open(source).and_then(|file| file.set_modified(SystemTime::now()));
    }
    build(manifest, "bin", name, builder)
}

fn executable(manifest: &Path, kind: &str, name: &str, builder: &Builder) -> Result<Built, String> {
    let option = format!("--{kind}={name}");
    let arguments = ["build", "--quiet", "--message-format=json-render-diagnostics", &option];
    let Output { text, target } = builder.cargo(&arguments, manifest)?;
    let built = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == name)
        .find_map(|message| {
            let path = message["executable"].as_str()?.to_owned();
            Some(Built { path, is_fresh: message["fresh"] == true })
        });
    let built = built.ok_or_else(|| format!("cargo built no executable {name}"))?;
    match target {
        Some(target) => {
            let path = executable_in(&target, kind, name, Path::new(&built.path))?;
            let path = path.display().to_string();
            Ok(Built { path, ..built })
        }
        None => Ok(built),
    }
}

/// The executable that cargo has built in this folder, where it says that it is `said` to be. That may
/// be below a folder for the system that it builds for, and nowhere else: a build script can write to
/// where cargo does, and name another program.
fn executable_in(target: &Path, kind: &str, name: &str, said: &Path) -> Result<PathBuf, String> {
    let folder = if kind == "example" { "debug/examples" } else { "debug" };
    let file = Path::new(folder).join(name);
    let system = said.strip_prefix(target).ok().and_then(|path| path.iter().next());
    let for_system = system.map(|system| target.join(system).join(&file));
    let path = for_system.filter(|path| path == said).unwrap_or_else(|| target.join(file));
    // Neither the file nor a folder on the way is a link: the target folder is a real path.
    let is_there = path.symlink_metadata().is_ok_and(|it| it.is_file())
        && path.canonicalize().is_ok_and(|real| real == path);
    if is_there { Ok(path) } else { Err(format!("cargo built no executable {}", path.display())) }
}

#[cfg(test)]
mod tests {
    use super::is_in_sources;

    #[test]
    fn only_an_error_of_the_compiler_is_in_the_sources() {
        for (printed, is_theirs) in [
            (
                "error[E0425]: cannot find value `x`\n --> src/main.rs:1:1\n  |\n\nerror: 1 error",
                true,
            ),
            (
                "warning: unused\n --> src/main.rs:1:1\n\nerror: expected `;`\n --> src/main.rs:1:1",
                true,
            ),
            ("", false),
            (
                "warning: unused\n --> src/main.rs:1:1\n\nerror: linking with `cc` failed: signal: 9",
                false,
            ),
            ("error: failed to write `x`: No space left on device (os error 28)", false),
            ("error: failed to get `tokio` as a dependency\n\nCaused by:\n  no network", false),
            ("error: rustc 1.70 is not supported: x requires rustc 1.90", false),
        ] {
            let lines: Vec<_> = printed.lines().map(str::to_owned).collect();
            assert_eq!(is_in_sources(&lines), is_theirs, "{printed}");
        }
    }
}
