//! How much memory processes take, whether or not it is mapped into one of them at the moment.

use super::open::Open;
use procfs::process::{MMPermissions, MMapPath, Process};
use std::collections::BTreeMap;

/// What a socket may hold of what nobody has read yet: by default, the most that a program may set
/// SO_SNDBUF to, which the kernel doubles (`net.core.wmem_max`, socket(7)).
const OF_A_SOCKET: u64 = 2 * 212_992;

/// Whether these processes take more than this many bytes. `open` is what they have open.
pub fn is_more_than(most: u64, processes: &[Process], open: &Open) -> bool {
    let all: Vec<_> = processes.iter().filter_map(Taken::at_most).collect();
    let sum = |of: fn(&Taken) -> u64| all.iter().map(of).sum::<u64>();
    // Nobody can share more than they have mapped.
    let shared = if sum(|it| it.mapped) > most { shared(processes) } else { 0 };
    let besides = shared + open.sockets * OF_A_SOCKET;
    // Pages that processes share count once for each of them here, so it cannot be more than this.
    if sum(|it| it.own + it.shared) + besides <= most {
        return false;
    }
    let all: Vec<_> = processes.iter().filter_map(Taken::proportional).collect();
    let sum = |of: fn(&Taken) -> u64| all.iter().map(of).sum::<u64>();
    sum(|it| it.own) + sum(|it| it.shared).max(shared) + open.sockets * OF_A_SOCKET > most
}

/// Bytes that a process takes. Pages of files that it has mapped are not its own: the kernel takes
/// them back when it needs to.
struct Taken {
    /// Also those that were swapped out, and page tables.
    own: u64,
    /// Shared memory that is mapped in, and files in memory.
    shared: u64,
    /// Addresses, whether anything is there or not.
    mapped: u64,
}

impl Taken {
    /// With all pages that it shares. `None` if the process has ended.
    fn at_most(process: &Process) -> Option<Self> {
        let status = process.status().ok()?;
        let bytes = |kilobytes: Option<u64>| kilobytes.unwrap_or(0) << 10;
        Some(Self {
            own: bytes(status.rssanon) + bytes(status.vmswap) + bytes(status.vmpte),
            shared: bytes(status.rssshmem),
            mapped: bytes(status.vmsize),
        })
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
        let page_tables = process.status().ok()?.vmpte.unwrap_or(0) << 10;
        let own = own + sum("SwapPss").unwrap_or(0) + page_tables;
        Some(Self { own, shared, ..at_most })
    }
}

/// Bytes of shared memory without a name, up to the last one that is mapped. Its pages stay when a
/// process unmaps them or ends, as long as any of them is mapped anywhere.
fn shared(processes: &[Process]) -> u64 {
    let mut all = BTreeMap::new();
    for map in processes.iter().filter_map(|process| process.maps().ok()).flatten() {
        let is_nameless = matches!(&map.pathname, MMapPath::Path(path)
            if path.as_os_str().as_encoded_bytes().ends_with(b" (deleted)"));
        if is_nameless && map.perms.contains(MMPermissions::SHARED) {
            let end = map.offset + (map.address.1 - map.address.0);
            let size = all.entry((map.dev, map.inode)).or_insert(0);
            *size = end.max(*size);
        }
    }
    all.into_values().sum()
}
