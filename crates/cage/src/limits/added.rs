//! What a program adds to folders outside its cage that it may write to: those where cargo builds.
//! They keep what was built before, which is not counted.

use super::walk::{Found, Walk};
use super::{Limit, Limits};
use nix::sys::statvfs::statvfs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How soon the files are listed again.
const SOON: Duration = Duration::from_millis(200);
/// The time until then is this many times what it takes to list them, if that is longer.
const SHARE: u32 = 20;
/// They are listed at once if this part of the limit has been taken of the file system since.
const PART: u64 = 8;

pub struct Added {
    folders: Vec<PathBuf>,
    before: Total,
    /// How many bytes were free when the files were last listed.
    free: u64,
    next: Instant,
}

/// What there is in these folders.
#[derive(Clone, Copy, Default)]
struct Total {
    bytes: u64,
    files: u64,
}

impl Added {
    /// Begins before the program is started.
    pub fn new(folders: &[PathBuf]) -> Self {
        let folders = folders.to_vec();
        let before = total(&folders, |_| false);
        Self { free: free(&folders), folders, before, next: Instant::now() + SOON }
    }

    /// Looks, if it is time to. Returns the limit that the program has hit, if any.
    pub fn look(&mut self, limits: &Limits) -> Option<Limit> {
        if self.folders.is_empty() {
            return None;
        }
        let (start, free) = (Instant::now(), free(&self.folders));
        if start < self.next && self.free.saturating_sub(free) < limits.added / PART {
            return None;
        }
        let hit = self.look_at_the_end(limits);
        self.free = free;
        self.next = Instant::now() + (start.elapsed() * SHARE).max(SOON);
        hit
    }

    /// Looks at what the program has left.
    pub fn look_at_the_end(&self, limits: &Limits) -> Option<Limit> {
        let Limits { added, added_files, .. } = *limits;
        let is_too_large = |now: Total| now.bytes.saturating_sub(self.before.bytes) > added;
        let are_too_many =
            |now: Total| now.files.saturating_sub(self.before.files) > added_files.into();
        let now = total(&self.folders, |now| is_too_large(now) || are_too_many(now));
        if is_too_large(now) {
            return Some(Limit::Folder(added));
        }
        are_too_many(now).then_some(Limit::Files(added_files))
    }
}

/// Counts until it is enough. Whoever makes files faster than they are listed is counted, too.
fn total(folders: &[PathBuf], is_enough: impl Fn(Total) -> bool) -> Total {
    let mut total = Total::default();
    for found in folders.iter().flat_map(|folder| Walk::of(folder)) {
        match found {
            Found::There(metadata) => {
                total.files += 1;
                // A file counts once, however many names it has: cargo gives some two.
                total.bytes += metadata.blocks() * 512 / metadata.nlink().max(1);
            }
            Found::Nothing => {}
            Found::TooDeep => total.files = u64::MAX,
        }
        if is_enough(total) {
            break;
        }
    }
    total
}

/// How many bytes are free where these folders are.
fn free(folders: &[PathBuf]) -> u64 {
    let systems = folders.iter().filter_map(|folder| statvfs(folder).ok());
    systems.map(|system| system.blocks_free() * system.fragment_size()).sum()
}
