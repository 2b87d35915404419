//! A terminal, and somebody who looks at it and types.

use super::processes::{LIMIT, MARKER, processes, wait_until};
use nix::libc;
use nix::pty::{Winsize, openpty};
use nix::sys::termios::{Termios, tcgetattr};
use nix::unistd::setsid;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// A program in a terminal of its own.
pub struct Terminal {
    pub child: Child,
    pub marker: String,
    /// The side of the user.
    keyboard: File,
    /// The side of the program.
    pub screen: OwnedFd,
    output: Arc<Mutex<String>>,
    /// How the terminal was set before.
    pub before: Termios,
}

impl Terminal {
    /// Starts a program in this folder. `kind` is what `TERM` says.
    pub fn start(mut command: Command, folder: &Path, kind: &str) -> Self {
        let size = Winsize { ws_row: 50, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 };
        let pty = openpty(&size, None).expect("a terminal");
        // Unlike the originals, copies are closed in programs that are started: one that holds the
        // side of its user would never hear that the user is gone.
        let keyboard = File::from(pty.master.try_clone().expect("a copy"));
        let screen = pty.slave.try_clone().expect("a copy");
        drop(pty);
        let before = tcgetattr(&screen).expect("it is a terminal");
        let side = || Stdio::from(screen.try_clone().expect("a copy"));
        let marker = format!("terminal-{}-{}", std::process::id(), screen.as_raw_fd());
        command
            .current_dir(folder)
            .stdin(side())
            .stdout(side())
            .stderr(side())
            .env(MARKER, &marker)
            .env("TERM", kind)
            .env_remove("NO_COLOR")
            // Where it is set, a terminal that can only print is taken for a log that shows colors.
            .env_remove("CI");
        // SAFETY: between fork and exec, this makes two system calls and allocates nothing.
        unsafe {
            command.pre_exec(|| {
                setsid()?;
                match libc::ioctl(0, libc::TIOCSCTTY, 0) {
                    0 => Ok(()),
                    _ => Err(io::Error::last_os_error()),
                }
            });
        }
        let child = command.spawn().expect("it starts");
        let output = Arc::new(Mutex::new(String::new()));
        let (mut reader, shared) = (keyboard.try_clone().expect("a copy"), output.clone());
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(length @ 1..) = reader.read(&mut bytes) {
                *shared.lock().expect("no panic") += &String::from_utf8_lossy(&bytes[..length]);
            }
        });
        Self { child, marker, keyboard, screen, output, before }
    }

    /// Types these keys.
    pub fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("it is read");
    }

    /// Waits until this is shown. Returns what was shown since the last call, up to its end.
    #[track_caller]
    pub fn wait_for(&self, text: &str) -> String {
        let deadline = Instant::now() + LIMIT;
        loop {
            let mut output = self.output.lock().expect("no panic");
            if let Some(at) = output.find(text) {
                let rest = output.split_off(at + text.len());
                return std::mem::replace(&mut *output, rest);
            }
            assert!(Instant::now() < deadline, "no {text:?} in time in {output:?}");
            drop(output);
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until the program has ended. Nothing is left running, and the terminal is as it was.
    #[track_caller]
    pub fn wait_for_end(&mut self) -> ExitStatus {
        let mut status = None;
        let deadline = Instant::now() + LIMIT;
        while status.is_none() {
            assert!(Instant::now() < deadline, "it has not ended in time");
            status = self.child.try_wait().expect("it is ours");
            thread::sleep(Duration::from_millis(20));
        }
        wait_until("no process is left", || processes(&self.marker).is_empty());
        assert_eq!(self.now(), self.before, "the terminal is not as it was");
        status.expect("it has ended")
    }

    /// How the terminal is set now.
    pub fn now(&self) -> Termios {
        tcgetattr(&self.screen).expect("it is a terminal")
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A test that has failed leaves nothing behind, either.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
