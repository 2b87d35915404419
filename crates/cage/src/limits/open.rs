//! What processes hold only because they have it open: sockets, and files that have no name any more.

use procfs::process::Process;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Metadata};
use std::os::unix::fs::{FileTypeExt, MetadataExt};

/// Processes may share what they have open: each thing counts once.
#[derive(Default)]
pub struct Open {
    pub sockets: u64,
    /// Bytes of files without a name, by device and number.
    removed: BTreeMap<(u64, u64), u64>,
}

impl Open {
    /// What these processes have open.
    pub fn by(processes: &[Process]) -> Self {
        let (mut all, mut sockets) = (Self::default(), BTreeSet::new());
        for process in processes {
            let Ok(descriptors) = fs::read_dir(format!("/proc/{}/fd", process.pid)) else {
                all.sockets += hidden(process);
                continue;
            };
            let opened = descriptors.flatten().filter_map(|it| fs::metadata(it.path()).ok());
            for metadata in opened {
                if metadata.file_type().is_socket() {
                    sockets.insert(metadata.ino());
                } else if is_removed(&metadata) {
                    let id = (metadata.dev(), metadata.ino());
                    all.removed.insert(id, metadata.blocks() * 512);
                }
            }
        }
        all.sockets += sockets.len() as u64;
        all
    }

    /// Bytes of files without a name on this device.
    pub fn removed_on(&self, device: u64) -> u64 {
        let there = self.removed.iter().filter(|((on, _), _)| *on == device);
        there.map(|(_, bytes)| bytes).sum()
    }
}

fn is_removed(metadata: &Metadata) -> bool {
    metadata.is_file() && metadata.nlink() == 0
}

/// How many sockets a process may have that lets nobody see what it has open: all of it. How much that
/// is, Linux says since version 6.2 (`proc_fd_getattr`, fs/proc/fd.c); before, 0. A process that has
/// ended has nothing.
fn hidden(process: &Process) -> u64 {
    fs::metadata(format!("/proc/{}/fd", process.pid)).map_or(0, |folder| folder.size())
}
