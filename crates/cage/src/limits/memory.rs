//! How much memory processes take, whether or not it is mapped into one of them at the moment.

use super::open::Open;
use procfs::process::{MMPermissions, MMapPath, MemoryMap, Process};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;

/// What a socket may hold of what nobody has read yet: by default, the most that a program may set
/// SO_SNDBUF to, which the kernel doubles (`net.core.wmem_max`, socket(7)).
const OF_A_SOCKET: u64 = 2 * 212_992;

/// Whether these processes take more than this many bytes. `open` is what they have open.
pub fn is_more_than(most: u64, processes: &[Process], open: &Open) -> bool {
    let all: Vec<_> = processes.iter().filter_map(Taken::at_most).collect();
    let sum = |of: fn(&Taken) -> u64| all.iter().map(of).sum::<u64>();
    // Pages that processes share count once for each of them here, so it cannot be more than this, with
    // what is shared but not mapped in at the moment. To look for that takes long.
    let most_seen = sum(|it| it.own + it.page_tables + it.shared) + open.sockets * OF_A_SOCKET;
    if most_seen.saturating_add(shared_on_this_machine()) <= most {
        return false;
    }
    let (shared, sockets) = (shared(processes), open.sockets * OF_A_SOCKET);
    if most_seen + shared <= most {
        return false;
    }
    let all: Vec<_> = processes.iter().filter_map(Taken::proportional).collect();
    let sum = |of: fn(&Taken) -> u64| all.iter().map(of).sum::<u64>();
    sum(|it| it.own + it.page_tables) + sum(|it| it.shared).max(shared) + sockets > most
}

/// Bytes that a process takes. Pages of files that it has mapped are not its own: the kernel takes
/// them back when it needs to.
struct Taken {
    /// Also those that were swapped out.
    own: u64,
    page_tables: u64,
    /// Shared memory that is mapped in, and files in memory.
    shared: u64,
}

impl Taken {
    /// With all pages that it shares. `None` if the process has ended.
    fn at_most(process: &Process) -> Option<Self> {
        let status = fs::read_to_string(format!("/proc/{}/status", process.pid)).ok()?;
        let mut taken = Self { own: 0, page_tables: 0, shared: 0 };
        // All that is said here would take long to read.
        for line in status.lines() {
            match line.split_once(':') {
                Some(("RssAnon" | "VmSwap", value)) => taken.own += bytes(value),
                Some(("VmPTE", value)) => taken.page_tables = bytes(value),
                Some(("RssShmem", value)) => taken.shared = bytes(value),
                _ => {}
            }
        }
        Some(taken)
    }

    /// With its share of each page. A process that hides this counts as if it shared nothing.
    fn proportional(process: &Process) -> Option<Self> {
        let at_most = Self::at_most(process)?;
        let Ok(rollup) = process.smaps_rollup() else { return Some(at_most) };
        let sum = |name| {
            let maps = rollup.memory_map_rollup.0.iter();
            maps.map(|map| map.extension.map.get(name).copied()).sum::<Option<u64>>()
        };
        let (Some(own), Some(shared)) = (sum("Pss_Anon"), sum("Pss_Shmem")) else {
            return Some(at_most);
        };
        let own = own + sum("SwapPss").unwrap_or(0);
        Some(Self { own, shared, ..at_most })
    }
}

/// The bytes of a line such as `VmPTE:   64 kB`.
fn bytes(value: &str) -> u64 {
    let kilobytes = value.split_whitespace().next().and_then(|number| number.parse().ok());
    kilobytes.unwrap_or(0_u64) << 10
}

/// Bytes of all shared memory and files in memory, along with all that was swapped out.
fn shared_on_this_machine() -> u64 {
    let machine = rustix::system::sysinfo();
    let blocks = machine.sharedram + (machine.totalswap - machine.freeswap);
    blocks * u64::from(machine.mem_unit)
}

/// Bytes of shared memory without a name. Its pages stay when a process unmaps them or ends, as long
/// as any of them is mapped anywhere.
fn shared(processes: &[Process]) -> u64 {
    let mut all = BTreeMap::new();
    for process in processes {
        for map in process.maps().into_iter().flatten().filter(is_nameless) {
            let size = all.entry((map.dev, map.inode)).or_insert(0);
            *size = held(process, &map).max(*size);
        }
    }
    all.into_values().sum()
}

fn is_nameless(map: &MemoryMap) -> bool {
    let path = match &map.pathname {
        MMapPath::Path(path) => path.as_os_str().as_encoded_bytes(),
        _ => return false,
    };
    map.perms.contains(MMPermissions::SHARED) && path.ends_with(b" (deleted)")
}

/// Bytes of what is mapped here, with the parts that are not mapped. Only root may see that; others
/// take everything up to the last byte that is mapped.
fn held(process: &Process, map: &MemoryMap) -> u64 {
    let (from, to) = map.address;
    let file = fs::metadata(format!("/proc/{}/map_files/{from:x}-{to:x}", process.pid));
    file.map_or(map.offset + (to - from), |file| file.blocks() * 512)
}
