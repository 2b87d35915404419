//! What the cage kept from a program that crashed, as far as its error messages show.

use crate::judging::cause::cause;
use crate::judging::regex;
use crate::recording::{Line, Recording, Refused};
use cage::permissions::lets_read;
use cage::{Part, Plan, is_in_private_folder};
use nix::unistd::{AccessFlags, access};
use regex::{Captures, Regex};
use std::env;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// How programs say that there is no network: see getaddrinfo(3) and errno(3).
static NO_NETWORK: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"(?i)temporary failure in name resolution|\bEAI_AGAIN\b|network is unreachable|",
        r"\bENETUNREACH\b|could not resolve host|UnknownHostException|",
        r"java\.net\.\w+: (permission denied|operation not permitted)|",
        r"\b(connect|listen|bind|socket)\b.*\b(EACCES|EPERM|permission denied)\b|",
        r"urlopen error \[Errno (1|13)\]",
    ))
});
/// How Python says that it may not have a socket: it does not name it.
static REFUSED_WITHOUT_NAME: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^PermissionError: \[Errno 13\] Permission denied$"));
static SOCKET: LazyLock<Regex> = LazyLock::new(|| regex("socket"));
/// What shows that a socket is a Unix socket, or a semaphore. Python's errors do not say so.
static UNIX_SOCKET: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"multiprocessing/(?:forkserver|managers|connection)\.py|AF_UNIX|Unix(?:Listener|Stream)")
});
static SEMAPHORE: LazyLock<Regex> =
    LazyLock::new(|| regex(r"multiprocessing/synchronize\.py|\bSemLock\b|\bsem_open\b"));
/// How Python says that it finds no module.
static NO_MODULE: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^ModuleNotFoundError: No module named '([^']+)'"));
/// How programs say that they may not write; the name may be before or after it.
static NOT_WRITABLE: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?i)read-only file ?system|\bEROFS\b|\bos error 30\b|error while writing")
});
static NOT_PERMITTED: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?i)permission denied|\bEACCES\b|AccessDeniedException|\bos error 13\b")
});
static NOT_THERE: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"(?i)no such file|\bENOENT\b|cannot find module|module not found|: not found$|",
        r"cannot load such file|NoSuchFileException|FileNotFoundException|\bos error 2\b",
    ))
});
/// An exception that says what was wrong, whatever was printed before it.
static EXCEPTION: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^(?:Uncaught )?[\w.$]*(?:Error|Exception)\b"));
/// How Python says that another process of the program has ended, which has said why.
static FROM_ANOTHER_PROCESS: LazyLock<Regex> = LazyLock::new(|| regex(r"^EOFError$"));
/// What says that one exception has led to another.
static CHAINED: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"^During handling of the above|^The above exception was|^\s*Caused by:|\[cause\]:")
});
/// A name in quotes. An apostrophe in a word is none.
static QUOTED: LazyLock<Regex> = LazyLock::new(|| {
    let quotes = r#"'([^']+)'|"([^"]+)"|‘([^’]+)’|`([^`']+)'"#;
    regex(&format!(r"(?:^|[\s(\[{{=:,])(?:{quotes})"))
});
/// Java names the thread before the exception.
static THREAD: LazyLock<Regex> = LazyLock::new(|| regex(r#"^Exception in thread "[^"]*" "#));
/// How Perl says where its program was.
static PLACE: LazyLock<Regex> = LazyLock::new(|| regex(r" at \S+ line \d+"));
/// How a runtime gives the number of an error: the name in quotes is then that of a file.
static NUMBERED: LazyLock<Regex> = LazyLock::new(|| regex(r"\[Errno \d+\]|\bE[A-Z]{3,}: "));

/// What the error messages of a program that crashed in the cage of this plan show that it was
/// refused there. To be called outside of the cage; `start` is the folder in which the program was
/// started.
///
/// A path says nothing if it exists neither in the cage nor outside, unless it is in the user's home
/// folder: what is there, and what is not, is nobody else's business.
pub fn refused(recording: &Recording, plan: &Plan, start: &Path) -> Option<Refused> {
    let held = recording.cage.as_ref()?;
    if !recording.ending.is_crash() {
        return None;
    }
    let lines: Vec<_> = recording.stderr.iter().map(Line::lossy).collect();
    let cause = cause(recording)?;
    let is_held = |part| !held.part(part).by.is_empty();
    let outside = Outsiders::of(recording, plan, start);
    let mentions = |what: &Regex| lines.iter().any(|line| what.is_match(line));
    let has_loopback = plan.loopback;
    let without_name = || {
        if mentions(&SEMAPHORE) {
            return (!plan.layers.namespaces).then_some(Refused::WithoutNamespaces);
        }
        if mentions(&UNIX_SOCKET) {
            return Some(Refused::Socket { has_loopback: true });
        }
        mentions(&SOCKET).then_some(Refused::Socket { has_loopback })
    };
    let shown_by = |line: &str| {
        if NO_NETWORK.is_match(line) && is_held(Part::Network) {
            return Some(Refused::Network { has_loopback });
        }
        if REFUSED_WITHOUT_NAME.is_match(line) && is_held(Part::Network) {
            return without_name();
        }
        if is_held(Part::Files) { outside.refused_by(line) } else { None }
    };
    // What an earlier message says may have been dealt with.
    let is_final =
        EXCEPTION.is_match(&cause) && !FROM_ANOTHER_PROCESS.is_match(&cause) && !mentions(&CHAINED);
    let has_panicked = lines.iter().any(|line| line.contains(" panicked at "));
    shown_by(&cause).or_else(|| {
        let others = lines.iter().filter(|_| !is_final && !has_panicked);
        others.map(|line| &**line).find_map(shown_by)
    })
}

/// Paths that a program has named, as they are outside of its cage.
struct Outsiders<'a> {
    plan: &'a Plan,
    /// Where relative paths may begin.
    folders: Vec<PathBuf>,
    /// Those of these in which it may read only the files that the command names.
    shared: Vec<PathBuf>,
    home: Option<PathBuf>,
}

impl<'a> Outsiders<'a> {
    fn of(recording: &Recording, plan: &'a Plan, start: &Path) -> Self {
        let here = std::path::absolute(start).unwrap_or_else(|_| "/".into());
        let files = recording.command.iter().map(|word| here.join(word));
        let own = files.filter(|file| file.is_file() && !in_system(file));
        let own: Vec<_> = own.filter_map(|file| Some(file.parent()?.to_owned())).collect();
        let shared = own.iter().filter(|folder| !plan.may_read(folder)).cloned().collect();
        let folders = [here].into_iter().chain(own).collect();
        let home = env::home_dir().and_then(|home| home.canonicalize().ok());
        Self { plan, folders, shared, home }
    }

    /// What a line of an error message shows.
    fn refused_by(&self, line: &str) -> Option<Refused> {
        if let Some(phrase) = NOT_WRITABLE.find(line) {
            let name = self.name(line, phrase.start());
            let is_its_own = |name: &String| {
                // What nobody could write to outside, either, is not the cage's doing.
                self.paths(name).any(|path| is_writable(&path))
            };
            return match name {
                Some(name) if is_its_own(&name) => Some(Refused::Writing(Some(name.into()))),
                Some(_) => None,
                None => Some(Refused::Writing(None)),
            };
        }
        if let Some(module) = NO_MODULE.captures(line).filter(|_| !self.shared.is_empty()) {
            // Whether it is there is nobody else's business.
            return Some(Refused::ReadingBeside(module[1].into()));
        }
        let is_not_permitted = NOT_PERMITTED.is_match(line);
        let phrase = NOT_PERMITTED.find(line).or_else(|| NOT_THERE.find(line))?;
        let name = self.name(line, phrase.start())?;
        self.paths(&name).find_map(|path| {
            if is_not_permitted && !self.plan.layers.namespaces && is_in_private_folder(&path) {
                return Some(Refused::WithoutNamespaces);
            }
            let is_shown = self.plan.may_read(existing_part(&path)?);
            if !is_shown {
                return self.reading(&name, &path);
            }
            let is_closed = || is_readable(&path) && !lets_read(&path);
            if is_not_permitted && is_closed() {
                return Some(Refused::ReadingClosed(name.clone().into()));
            }
            let is_writing = is_not_permitted && is_writable(&path);
            is_writing.then(|| Refused::Writing(Some(name.clone().into())))
        })
    }

    /// What a program was refused that wanted to read a path which the cage does not show.
    fn reading(&self, name: &str, path: &Path) -> Option<Refused> {
        if !self.is_in_home(path) && !is_readable(path) {
            return None;
        }
        if let Some(target) = self.target_of_link(path) {
            return Some(Refused::ReadingLink(name.into(), target.display().to_string().into()));
        }
        let is_beside = self.shared.iter().any(|folder| path.starts_with(folder));
        let of_path = if is_beside { Refused::ReadingBeside } else { Refused::Reading };
        Some(of_path(name.into()))
    }

    /// What the first link on the way to a path leads to, if it is in a folder that the cage shows.
    fn target_of_link(&self, path: &Path) -> Option<PathBuf> {
        let is_shown = |link: &Path| link.parent().is_some_and(|folder| self.plan.may_read(folder));
        let mut links = path.ancestors().filter(|part| part.is_symlink() && is_shown(part));
        links.next()?.canonicalize().ok()
    }

    /// The path that a line names: in quotes, or the last before the phrase at this place, or the
    /// first after it. At the beginning of the line, it may be the program that complains, or a line
    /// of its source.
    fn name(&self, line: &str, phrase: usize) -> Option<String> {
        let is_phrase = |text: &str| {
            [&NOT_WRITABLE, &NOT_PERMITTED, &NOT_THERE].iter().any(|phrase| phrase.is_match(text))
        };
        let (before, after) = line.split_at(phrase);
        let (before, after) = (THREAD.replace(before, ""), PLACE.replace(after, ""));
        let rest = format!("{before}{after}");
        let names: Vec<_> = QUOTED.captures_iter(&rest).filter_map(in_quotes).collect();
        let is_path = |name: &str| {
            name.contains(['/', '.'])
                || NUMBERED.is_match(line)
                || self.paths(name).any(|path| path.symlink_metadata().is_ok())
        };
        if let Some(name) = names.iter().find(|name| !is_phrase(name) && is_path(name)) {
            return Some((*name).into());
        }
        let words = |text: &str| -> Vec<String> {
            let words = text.split(|c: char| c.is_whitespace() || "(){}[]<>,;\"".contains(c));
            let words = words.map(|word| word.trim_end_matches([':', '.']));
            words.filter(|word| word.contains(['/', '.'])).map(Into::into).collect()
        };
        let (first, others) = before.split_once(": ").unwrap_or((&before, ""));
        let mut others = words(others).into_iter().rev().chain(words(&after));
        // As in `ld: cannot open output file NAME: Permission denied`.
        let last = before.trim_end_matches([':', ' ', '(']).rsplit([' ', ':']).next();
        let last = last.filter(|name| !name.is_empty() && before.contains("file "));
        let first = || words(first).pop().filter(|word| !in_system(Path::new(word)));
        others.next().or_else(|| last.map(Into::into)).or_else(first)
    }

    fn paths(&self, name: &str) -> impl Iterator<Item = PathBuf> {
        let name = name.strip_prefix("file://").unwrap_or(name).to_owned();
        self.folders.iter().map(move |folder| folder.join(&name))
    }

    fn is_in_home(&self, path: &Path) -> bool {
        let (Some(home), Some(part)) = (&self.home, existing_part(path)) else { return false };
        let Ok(real) = part.canonicalize() else { return false };
        // Private folders may be in there, and the program knows what is in its own.
        let temporary = env::temp_dir();
        let is_temporary = temporary.starts_with(home) && real.starts_with(temporary);
        real.starts_with(home) && !is_temporary
    }
}

/// The name that was found in quotes.
fn in_quotes<'a>(found: Captures<'a>) -> Option<&'a str> {
    found.iter().skip(1).flatten().next().map(|name| name.as_str())
}

/// The longest part of a path that exists.
fn existing_part(path: &Path) -> Option<&Path> {
    path.ancestors().find(|part| part.exists())
}

fn is_readable(path: &Path) -> bool {
    access(path, AccessFlags::R_OK).is_ok()
}

/// Whether the user could write it, or make it.
fn is_writable(path: &Path) -> bool {
    let folder = path.parent().unwrap_or(path);
    let place = if path.exists() { path } else { folder };
    !in_system(place) && access(place, AccessFlags::W_OK).is_ok()
}

/// Whether it is where no program of a learner is: root may write there, too.
fn in_system(path: &Path) -> bool {
    ["/usr", "/bin", "/sbin", "/lib", "/etc"].iter().any(|folder| path.starts_with(folder))
}
