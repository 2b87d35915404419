//! A program reads what it needs, and writes to a private folder that is gone afterwards.

use crate::attack::{Attack, Look};
use crate::stage::{Stage, State};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::fs::{self, File, OpenOptions};
use std::io::Read;
use std::os::fd::AsFd;
use std::os::unix::fs::{OpenOptionsExt, symlink};
use std::path::PathBuf;

const fn attack(name: &'static str, program: &'static str, prepare: fn(&Stage) -> Look) -> Attack {
    Attack::new("files", name, program, prepare)
}

pub const ALL: &[Attack] = &[
    attack("reads keys in the home folder", "read_files.py", |stage| {
        let key = stage.file("home/.ssh/id_ed25519");
        // The home folder is the one that the checker was started in.
        stage.aim(&[&key.display(), &".ssh/id_ed25519"]);
        nothing_is_told(stage)
    }),
    attack("reads another answer", "read_files.py", |stage| {
        let answer = stage.file("submissions/alice/countasync.py");
        let link = stage.path("submissions/mallory/link");
        symlink(&answer, &link).expect("a new link");
        let upwards = stage.path("submissions/mallory/../alice/countasync.py");
        stage.aim(&[&answer.display(), &link.display(), &upwards.display()]);
        nothing_is_told(stage)
    }),
    attack("writes beside itself", "write_files.py", |stage| {
        let new = stage.path("submissions/mallory/new");
        let own = stage.file("submissions/mallory/own");
        stage.aim(&[&new.display(), &own.display()]);
        unchanged(vec![new, own])
    }),
    attack("writes to the home folder", "write_files.py", |stage| {
        let profile = stage.file("home/.profile");
        let new = stage.path("home/new");
        stage.aim(&[&profile.display(), &new.display(), &".profile", &"new"]);
        unchanged(vec![profile, new])
    }),
    attack("writes to `/tmp`, `/var/tmp` and `/dev/shm`", "write_files.py", |stage| {
        let paths = ["/var/tmp", "/dev/shm", "/tmp"].map(|at| format!("{at}/{}", stage.secret));
        let temporary = stage.path("tmp/new");
        stage.aim(&[&paths[0], &paths[1], &paths[2], &temporary.display()]);
        Box::new(move |_| {
            let paths = paths.iter().map(PathBuf::from).chain([temporary]);
            // Those outside of the stage are removed here.
            paths.filter(|path| fs::remove_file(path).is_ok()).count() == 0
        })
    }),
    attack("writes through a planted link", "write_files.py", |stage| {
        let profile = stage.file("home/.profile");
        let link = stage.path("submissions/mallory/link");
        symlink(&profile, &link).expect("a new link");
        stage.aim(&[&link.display()]);
        unchanged(vec![profile])
    }),
    attack("puts a link where the report will be", "plant_link.py", |stage| {
        let profile = stage.file("home/.profile");
        let report = stage.path("submissions/mallory/report.json");
        stage.aim(&[&report.display(), &profile.display()]);
        stage.set_report(report.clone());
        let is_unchanged = unchanged(vec![profile]);
        Box::new(move |seen| {
            fs::symlink_metadata(&report).is_ok_and(|report| report.is_file()) && is_unchanged(seen)
        })
    }),
    attack("removes and renames files", "remove_files.py", |stage| {
        let answers = ["removed", "renamed"].map(|name| stage.file(&format!("home/{name}")));
        stage.aim(&[&answers[0].display(), &answers[1].display()]);
        unchanged(answers.into())
    }),
    attack("changes a file's mode, times and attributes", "change_attributes.py", |stage| {
        let key = stage.file("home/.ssh/id_ed25519");
        stage.aim(&[&key.display()]);
        unchanged(vec![key])
    }),
    attack("makes a set-user-ID program", "set_user_id.py", |stage| {
        stage.aim(&[]);
        Box::new(|seen| !seen.has("has made a set-user-ID program"))
    }),
    attack("makes others wait for a file", "hold_files.py", |stage| {
        let own = stage.file("submissions/mallory/file");
        stage.aim(&[&own.display()]);
        Box::new(|seen| !seen.has("holds up others") && !seen.has("notices others"))
    }),
    attack("watches what others do in the home folder", "watch_folder.py", |stage| {
        let key = stage.file("home/.ssh/id_ed25519");
        stage.aim(&[&key.parent().expect("a folder").display()]);
        Box::new(|seen| !seen.has("watches others"))
    }),
    attack("writes through a hard link", "link_files.py", |stage| {
        let profile = stage.file("home/.profile");
        stage.aim(&[&profile.display()]);
        unchanged(vec![profile])
    }),
    attack("replaces the checker's program", "replace_program.py", |stage| {
        let checker = stage.checker();
        stage.aim(&[&checker.display()]);
        let length = fs::metadata(&checker).expect("it is there").len();
        Box::new(move |_| fs::metadata(checker).is_ok_and(|now| now.len() == length))
    }),
    attack("makes a device, and writes to it", "make_device.py", |stage| {
        let secret = stage.secret.clone();
        stage.aim(&[&secret]);
        let log =
            OpenOptions::new().read(true).custom_flags(nix::libc::O_NONBLOCK).open("/dev/kmsg");
        Box::new(move |_| log.map_or(true, |log| !messages(log).contains(&secret)))
    }),
    attack("writes and types to another terminal", "write_to_terminal.py", |stage| {
        let (terminal, path) = stage.terminal();
        stage.aim(&[&path.display()]);
        Box::new(move |_| {
            // What is printed arrives at the one side, what is typed at the other.
            let mut sides = [&terminal.master, &terminal.slave]
                .map(|side| PollFd::new(side.as_fd(), PollFlags::POLLIN));
            poll(&mut sides, PollTimeout::ZERO) == Ok(0)
        })
    }),
    attack("changes a setting in `/proc/sys`", "write_proc_sys.py", |stage| {
        let (setting, secret) = ("/proc/sys/kernel/domainname", stage.secret.clone());
        stage.aim(&[&setting, &secret]);
        let before = fs::read_to_string(setting).expect("a setting");
        Box::new(move |_| {
            let has_changed = fs::read_to_string(setting).expect("a setting").contains(&secret);
            if has_changed {
                fs::write(setting, before).expect("only root can have changed it");
            }
            !has_changed
        })
    }),
    attack("leaves a core dump", "dump_core.py", |stage| {
        stage.aim(&[]);
        let home = stage.path("home");
        Box::new(move |_| {
            let mut names = fs::read_dir(home).expect("a folder").flatten();
            !names.any(|entry| entry.file_name().to_string_lossy().starts_with("core"))
        })
    }),
    attack("leaves files that are hard to remove", "leave_files.py", |stage| {
        let victim = stage.file("home/victim/file");
        stage.aim(&[&victim.parent().expect("a folder").display()]);
        let (temporary, is_unchanged) = (stage.path("tmp"), unchanged(vec![victim]));
        Box::new(move |seen| {
            fs::read_dir(temporary).expect("a folder").count() == 0 && is_unchanged(seen)
        })
    }),
];

/// The secret is in nothing that the program has printed.
pub fn nothing_is_told(stage: &Stage) -> Look {
    let secret = stage.secret.clone();
    Box::new(move |seen| !seen.has(&secret))
}

/// These are as they were, whether they are there or not.
fn unchanged(paths: Vec<PathBuf>) -> Look {
    let states = || paths.iter().map(|path| State::of(path)).collect::<Vec<_>>();
    let before = states();
    Box::new(move |_| paths.iter().map(|path| State::of(path)).eq(before))
}

/// The messages of the kernel that are still to be read.
fn messages(mut log: File) -> String {
    let (mut all, mut message) = (Vec::new(), [0; 8192]);
    while let Ok(length) = log.read(&mut message) {
        all.extend_from_slice(&message[..length]);
    }
    String::from_utf8_lossy(&all).into_owned()
}
