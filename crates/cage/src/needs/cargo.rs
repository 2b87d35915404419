//! Packages that cargo builds and runs: their workspace, where they are built, what has been
//! downloaded for them, and what they need from other folders.

mod settings;

use super::Search;
use super::ask::ask;
use super::files::{is_of_system, seen_from, typed};
use super::words::{Word, words};
use crate::regular_file::{self, start};
#[cfg(target_os = "linux")]
use crate::{built_here, real_path};
#[cfg(target_os = "linux")]
use nix::unistd::{UnlinkatFlags, unlinkat};
use serde_json::Value;
use settings::Settings;
#[cfg(target_os = "linux")]
use std::ffi::OsString;
#[cfg(target_os = "linux")]
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What cargo has downloaded, in its home folder.
const DOWNLOADED: [&str; 2] = ["registry", "git"];

/// The folder in the target folder where packages are built in the cage. Nothing in it is ever run
/// outside the cage.
const BUILT: &str = "caged";

/// How many compilers run at a time. With more, they alone would have more processes and threads than
/// a program may have.
const JOBS: &str = "4";

/// Stands in for the target folder, where cargo keeps notes: a learner can make a link there.
const NOWHERE: &str = "/dev/null";

/// No file with cargo's settings has more bytes.
const LONGEST_SETTINGS: u64 = 1 << 16;

impl Search<'_> {
    /// Adds what cargo needs, if the command runs it.
    pub(super) fn add_cargo(&mut self, words: &[Word]) {
        let Some(after) = after_cargo(words) else { return };
        self.needs.missing = self.needs.missing.take().or_else(|| self.names_a_toolchain(&after));
        if self.needs.missing.is_some() {
            return;
        }
        let kept_out = self.add_home_of_cargo();
        self.set("CARGO_NET_OFFLINE", "true");
        // This takes precedence over a package's own settings.
        self.set("CARGO_BUILD_JOBS", JOBS);
        let Some(manifest) = manifest(&after, &self.folder) else { return };
        // Relative to where the command is started.
        let named = self.surroundings.variable("CARGO_TARGET_DIR").map(|it| self.folder.join(it));
        let target = self.target.clone().or(named);
        // From here on, nothing that is a learner's is reached through a link. A path that leads out of
        // its folder has been refused by now.
        let (Some(folder), Some(name)) = (manifest.parent(), manifest.file_name()) else {
            return;
        };
        let Ok(Some(folder)) = self.follow(folder) else { return };
        let manifest = folder.join(name);
        if let Some(why) = not_a_file(&manifest) {
            self.needs.missing = Some(why);
            return;
        }
        let Some(metadata) = metadata(&manifest, target) else {
            self.needs.missing = Some(format!(
                "cargo cannot build {}: to see why, run cargo metadata --no-deps --manifest-path {}",
                manifest.display(),
                typed(&manifest)
            ));
            return;
        };
        let path = |key: &str| metadata[key].as_str().map(PathBuf::from);
        let mut made_lock = None;
        if let Some(workspace) = path("workspace_root") {
            if let Some(link) = link_among_its_own(&manifest, &workspace) {
                self.needs.missing =
                    Some(format!("{} is a link: put the file itself there", link.display()));
                return;
            }
            self.add_real_folder(&workspace);
            // In the cage, cargo could not make one.
            if workspace.join("Cargo.lock").symlink_metadata().is_err() {
                lock(&manifest, &workspace);
                made_lock = Some(workspace);
            }
        }
        self.needs.missing = match packages(&manifest) {
            Some(packages) => {
                let kept_out = kept_out.filter(|_| packages.are_downloaded);
                self.not_allowed(packages.here).or_else(|| kept_out.map(|settings| {
                    format!(
                        "{} says where its dependencies are from, and may hold a password, so it is \
                         not read in the cage: if that is fine, add --allow-read {}",
                        settings.display(),
                        typed(&settings),
                    )
                }))
            }
            None => Some(format!(
                "not all of its dependencies are downloaded, and the cage has no network: run cargo \
                 fetch --manifest-path {}",
                typed(&manifest)
            )),
        };
        // What it says about packages that nobody has allowed must not stay in a learner's folder.
        if let Some(workspace) = made_lock.filter(|_| self.needs.missing.is_some()) {
            remove_lock(&workspace);
        }
        let folder = path("target_directory");
        if let Some(built) = folder.and_then(|folder| made(&folder, &path("workspace_root")?)) {
            self.set("CARGO_TARGET_DIR", &built);
            // Settings can name another folder for what is built on the way.
            self.set("CARGO_BUILD_BUILD_DIR", &built);
            self.needs.write.push(built);
        }
    }

    /// What to do if the first word after `cargo` is one for rustup, which is not in the cage.
    fn names_a_toolchain(&self, after: &[&str]) -> Option<String> {
        let toolchain = after.first()?.strip_prefix('+')?;
        let shim = self.on_path("cargo")?;
        self.behind_shim(&shim)?;
        Some(format!(
            "rustup, which understands +{toolchain}, is not in the cage: leave that word out, and start \
             the checker with RUSTUP_TOOLCHAIN={toolchain}"
        ))
    }

    /// Adds what has been downloaded, and the settings if no password can be in them. If there may
    /// be one, returns the file of those that cargo needs to find what has been downloaded.
    fn add_home_of_cargo(&mut self) -> Option<PathBuf> {
        let named = self.surroundings.variable("CARGO_HOME").map(PathBuf::from);
        let usual = self.surroundings.home().map(|home| home.join(".cargo"));
        let home = named.or(usual)?;
        self.needs
            .read
            .extend(DOWNLOADED.map(|name| home.join(name)).into_iter().filter(|it| it.is_dir()));
        self.set("CARGO_HOME", &home);
        let file = home.join("config.toml");
        let settings = Settings::parse(&start(&file, LONGEST_SETTINGS).ok()?)?;
        if settings.are_harmless() {
            self.needs.read.push(file);
            return None;
        }
        (settings.name_registries() && !self.is_allowed(&file)).then_some(file)
    }

    /// What to do about packages outside the program's own folders. A learner's manifest can name
    /// somebody else's, so that alone does not open it.
    fn not_allowed(&self, packages: Vec<PathBuf>) -> Option<String> {
        let here = self.folder.canonicalize().unwrap_or_else(|_| self.folder.clone());
        let may_read = |package: &PathBuf| {
            let mut readable = self.needs.read.iter().chain(&self.allowed);
            is_of_system(package) || readable.any(|path| package.starts_with(path))
        };
        let outside: Vec<_> = packages.into_iter().filter(|package| !may_read(package)).collect();
        let is_shared = |package: &&PathBuf| !self.surroundings.is_for_one_program(package);
        if let Some(shared) = outside.iter().find(is_shared) {
            let shared = shared.display();
            return Some(format!(
                "{shared} holds more than one program: move the package there to a folder of its own"
            ));
        }
        let outside: Vec<_> = outside.iter().map(|package| seen_from(&here, package)).collect();
        let is = match outside.len() {
            0 => return None,
            1 => "is",
            _ => "are",
        };
        let option = |path: &PathBuf| format!("--allow-read {}", typed(path));
        let options = outside.iter().map(option).collect::<Vec<_>>().join(" ");
        let shown = |path: &PathBuf| path.display().to_string();
        let outside = outside.iter().map(shown).collect::<Vec<_>>().join(" and ");
        Some(format!("it depends on {outside}, which {is} outside of its folder: {options}"))
    }
}

/// The manifest that cargo would use with these words, in this folder.
fn manifest(words: &[&str], folder: &Path) -> Option<PathBuf> {
    const OPTION: &str = "--manifest-path";
    let mut after = words.iter().skip_while(|word| **word != OPTION).skip(1);
    let joined = || words.iter().find_map(|word| word.strip_prefix(OPTION)?.strip_prefix('='));
    match after.next().copied().or_else(joined) {
        Some(named) => Some(folder.join(named)),
        None => {
            let candidates = folder.ancestors().map(|folder| folder.join("Cargo.toml"));
            candidates.into_iter().find(|manifest| manifest.is_file())
        }
    }
}

/// The manifest of what a command has cargo build, if it runs cargo in this folder, and the words
/// after `cargo`. It is not known whether they name a package.
#[must_use]
pub fn of_cargo<'a>(command: &'a [String], folder: &Path) -> Option<(PathBuf, Vec<&'a str>)> {
    let words = words(command);
    let after = after_cargo(&words)?;
    Some((manifest(&after, folder)?, after))
}

/// The words after `cargo`, if it is among them.
fn after_cargo<'a>(words: &[Word<'a>]) -> Option<Vec<&'a str>> {
    let texts = words.iter().map(|word| match word {
        Word::Plain(text) => *text,
        Word::Module => "-m",
    });
    let is_cargo = |word: &&str| Path::new(word).file_name().is_some_and(|name| name == "cargo");
    let mut from_cargo = texts.skip_while(|word| !is_cargo(word));
    from_cargo.next()?;
    Some(from_cargo.collect())
}

/// What cargo says about a package, without its dependencies.
fn metadata(manifest: &Path, target: Option<PathBuf>) -> Option<Value> {
    let mut cargo = cargo("metadata", manifest);
    match target {
        Some(folder) => cargo.env("CARGO_TARGET_DIR", folder),
        None => cargo.env_remove("CARGO_TARGET_DIR"),
    };
    let text = ask(cargo.args(["--no-deps", "--format-version=1"]))?;
    serde_json::from_slice(&text).ok()
}

/// Makes a package's `Cargo.lock`. Cargo may write nowhere else, if the kernel can see to that: a
/// learner can put a link in its place meanwhile.
fn lock(manifest: &Path, workspace: &Path) {
    let mut cargo = cargo("generate-lockfile", manifest);
    cargo.env("CARGO_TARGET_DIR", NOWHERE);
    #[cfg(target_os = "linux")]
    if crate::landlock::write_only_in(&mut cargo, workspace).is_err() {
        return;
    }
    #[cfg(not(target_os = "linux"))]
    let _ = workspace;
    // If that fails, the build says why.
    let _ = ask(&mut cargo);
}

/// Removes the `Cargo.lock` of a workspace whose path is a real one.
#[cfg(target_os = "linux")]
fn remove_lock(workspace: &Path) {
    if let Ok(Some(folder)) = real_path::open(workspace) {
        // It may be gone.
        let _ = unlinkat(&folder, "Cargo.lock", UnlinkatFlags::NoRemoveDir);
    }
}

/// There is none.
#[cfg(not(target_os = "linux"))]
fn remove_lock(_workspace: &Path) {}

/// What a package consists of.
struct Packages {
    /// The folders of the packages that cargo builds where they are, as real paths: those of the
    /// workspace, and path dependencies.
    here: Vec<PathBuf>,
    /// Whether there are others.
    are_downloaded: bool,
}

/// What cargo builds. `None` if not all that is not here is downloaded.
fn packages(manifest: &Path) -> Option<Packages> {
    let mut metadata = cargo("metadata", manifest);
    metadata.args(["--locked", "--format-version=1"]).env("CARGO_TARGET_DIR", NOWHERE);
    // What other systems need is not there unless cargo was told to fetch everything.
    metadata.args(["--filter-platform", &host()?]);
    let metadata: Value = serde_json::from_slice(&ask(&mut metadata)?).ok()?;
    let (here, others): (Vec<_>, Vec<_>) =
        metadata["packages"].as_array()?.iter().partition(|package| package["source"].is_null());
    let folder = |package: &Value| {
        Path::new(package["manifest_path"].as_str()?).parent()?.canonicalize().ok()
    };
    let mut here: Vec<_> = here.into_iter().filter_map(folder).collect();
    here.sort();
    Some(Packages { here, are_downloaded: !others.is_empty() })
}

/// The system that cargo builds for, as it names it.
fn host() -> Option<String> {
    let version = ask(Command::new("cargo").args(["--version", "--verbose"]).current_dir("/"))?;
    let version = String::from_utf8(version).ok()?;
    version.lines().find_map(|line| line.strip_prefix("host: ")).map(str::to_owned)
}

/// Cargo, run in a folder where the package's own settings do not apply.
fn cargo(command: &str, manifest: &Path) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args([command, "--offline", "--manifest-path"]).arg(manifest).current_dir("/");
    cargo
}

/// What cargo writes to, or is told by, and is a link: a learner can make one to anything, and
/// whoever follows advice to run cargo would write through it.
fn link_among_its_own(manifest: &Path, workspace: &Path) -> Option<PathBuf> {
    let of_workspace = ["Cargo.lock", "Cargo.toml", "target"].map(|name| workspace.join(name));
    let is_link = |path: &PathBuf| path.is_symlink();
    of_workspace.into_iter().chain([manifest.to_owned()]).find(is_link)
}

/// What is wrong if there is a pipe or the like where cargo looks for its files, in the manifest's
/// folder or above: it would wait for a writer.
#[must_use]
pub fn not_a_file(manifest: &Path) -> Option<String> {
    let folders = manifest.ancestors().skip(1);
    let files = folders.flat_map(|folder| ["Cargo.toml", "Cargo.lock"].map(|it| folder.join(it)));
    files.chain([manifest.to_owned()]).find_map(|file| match regular_file::open(&file) {
        Err(error) if error.kind() == io::ErrorKind::Other => {
            Some(format!("{}: {error}", file.display()))
        }
        _ => None,
    })
}

/// The folder where packages are built in the cage, made if need be: its real path. A target folder
/// elsewhere has one for each workspace: packages of different learners have the same name, so in one
/// folder, the program of one would take the place of the other's. `None` if it, or the target folder,
/// is a link: a learner can make one to anything. The path of the workspace is a real one.
#[cfg(target_os = "linux")]
fn made(target: &Path, workspace: &Path) -> Option<PathBuf> {
    let parent = target.parent()?;
    // A folder elsewhere is one that the user has named, perhaps by a link.
    let is_users = !target.starts_with(workspace);
    let parent = if is_users { parent.canonicalize().ok()? } else { parent.to_owned() };
    let mut names = vec![target.file_name()?.to_owned(), BUILT.into()];
    if is_users {
        names.push(name_of(workspace));
    }
    real_path::make_folders(&parent, &names).ok()?;
    let built = names.into_iter().fold(parent, |folder, name| folder.join(name));
    built_here::empty_at_first(&built).ok()?;
    Some(built)
}

/// A name for this workspace that no other one has. If another version of the standard library makes
/// another one, the packages are built once more.
#[cfg(target_os = "linux")]
fn name_of(workspace: &Path) -> OsString {
    let mut hasher = DefaultHasher::new();
    workspace.hash(&mut hasher);
    let mut name = workspace.file_name().unwrap_or_default().to_owned();
    name.push(format!("-{:016x}", hasher.finish()));
    name
}

/// There is no cage to build in.
#[cfg(not(target_os = "linux"))]
fn made(_target: &Path, _workspace: &Path) -> Option<PathBuf> {
    None
}
