//! Files that tell the time: a program that reads one reads another clock than its own.
//!
//! In namespaces of its own, nobody but the program opens those in `/proc`, and the kernel tells when
//! one is opened. Elsewhere, every call that opens a file has to be looked at, which takes long: an
//! interpreter opens hundreds before its first line.

use super::descriptors;
use super::memory;
use super::stop::Call;
use nix::libc;
use nix::unistd::Pid;
use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::Errno;
use std::fs;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::os::fd::{AsRawFd, OwnedFd};

const FILES: [&str; 3] = ["/proc/uptime", "/proc/driver/rtc", "/proc/timer_list"];
/// How the names of devices in `/dev` begin.
const DEVICES: [&str; 3] = ["rtc", "hpet", "ptp"];

/// Watches the files, so that the calls that open them need not be looked at.
pub struct Watch {
    /// Never closed: that takes the kernel some 15 ms, which are better spent when this process has ended,
    /// and nobody waits for it.
    events: ManuallyDrop<OwnedFd>,
    files: Vec<Watched>,
}

struct Watched {
    path: &'static str,
    number: i32,
    /// As long as it is open, the kernel does not replace it by another one of the same name.
    _file: OwnedFd,
}

impl Watch {
    /// Begins to watch. `None` where others may open the files, too, or the system cannot tell.
    pub fn begin() -> Option<Self> {
        // The first process in a namespace of processes has a /proc that shows only that.
        if std::process::id() != 1 || there_are_devices() {
            return None;
        }
        let events = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).ok()?;
        let mut files = Vec::new();
        for path in FILES {
            let file = match openat(CWD, path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty()) {
                Ok(file) => file,
                Err(Errno::NOENT) => continue,
                Err(_) => return None,
            };
            let itself = format!("/proc/self/fd/{}", file.as_raw_fd());
            match inotify::add_watch(&events, itself, WatchFlags::OPEN) {
                Ok(number) => files.push(Watched { path, number, _file: file }),
                // The program, which may do no more than this process, cannot read it either.
                Err(Errno::ACCESS) => {}
                Err(_) => return None,
            }
        }
        Some(Self { events: ManuallyDrop::new(events), files })
    }

    /// Why the program has read another clock, if it has opened one of the files.
    pub fn seen(&self) -> Option<String> {
        let mut buffer = [MaybeUninit::uninit(); 256];
        let mut events = inotify::Reader::new(&*self.events, &mut buffer);
        let number = events.next().ok()?.wd();
        let file = self.files.iter().find(|file| file.number == number);
        Some(reads(file.map_or("/proc", |file| file.path)))
    }
}

fn there_are_devices() -> bool {
    let mut names = fs::read_dir("/dev").into_iter().flatten().flatten();
    names.any(|entry| is_device(entry.file_name().as_encoded_bytes()))
}

fn is_device(name: &[u8]) -> bool {
    DEVICES.iter().any(|device| name.starts_with(device.as_bytes()))
}

/// Whether a call that is about to begin may open such a file, by the file's name.
pub fn may_be_opened(call: &Call) -> bool {
    const NAMES: [&[u8]; 2] = [b"uptime", b"timer_list"];
    const MOST: usize = 256;
    let path = match call.number() {
        libc::SYS_open => call.argument(0),
        libc::SYS_openat | libc::SYS_openat2 => call.argument(1),
        _ => return false,
    };
    let bytes = memory::read_up_to(call.thread, path, MOST);
    let path = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    is_device(name) || NAMES.iter().any(|known| name.starts_with(known))
}

/// Why reading a file that has been opened reads another clock.
pub fn opened(process: Pid, descriptor: i32) -> Option<String> {
    let path = descriptors::target(process, descriptor)?;
    let path = path.to_string_lossy();
    let is_device = path.strip_prefix("/dev/").is_some_and(|name| is_device(name.as_bytes()));
    (is_device || FILES.contains(&&*path)).then(|| reads(&path))
}

fn reads(path: &str) -> String {
    format!("it reads another clock, {path}")
}
