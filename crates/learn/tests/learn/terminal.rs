//! A program in a terminal of its own.

use nix::libc;
use nix::pty::{Winsize, openpty};
use nix::sys::termios::{LocalFlags, tcgetattr};
use nix::unistd::setsid;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take, on a busy machine that may have to build it.
const LIMIT: Duration = Duration::from_secs(300);

pub struct Terminal {
    child: Child,
    keyboard: File,
    /// The side of the program.
    screen: OwnedFd,
    output: Receiver<String>,
    /// What has been shown since the last text that was waited for.
    shown: String,
}

impl Terminal {
    /// Starts a command in a terminal that is 50 rows high and 100 columns wide.
    pub fn start(mut command: Command) -> Self {
        let size = Winsize { ws_row: 50, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 };
        let pty = openpty(&size, None).unwrap();
        let side = || Stdio::from(pty.slave.try_clone().unwrap());
        command.stdin(side()).stdout(side()).stderr(side());
        command.env("TERM", "xterm").env("LC_ALL", "C.UTF-8").env("NO_COLOR", "1");
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
        let child = command.spawn().unwrap();
        let keyboard = File::from(pty.master);
        let (sender, output) = channel();
        let mut reader = keyboard.try_clone().unwrap();
        thread::spawn(move || {
            let mut bytes = [0; 65536];
            while let Ok(length @ 1..) = reader.read(&mut bytes) {
                let _ = sender.send(String::from_utf8_lossy(&bytes[..length]).into_owned());
            }
        });
        Self { child, keyboard, screen: pty.slave, output, shown: String::new() }
    }

    pub fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until this is shown. Returns what was shown before it, since the last call.
    #[track_caller]
    pub fn wait_for(&mut self, text: &str) -> String {
        let until = Instant::now() + LIMIT;
        loop {
            if let Some(at) = self.shown.find(text) {
                let rest = self.shown.split_off(at + text.len());
                return std::mem::replace(&mut self.shown, rest);
            }
            let left = until.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(more) => self.shown += &more,
                Err(_) => panic!("no {text:?} in {}", self.shown),
            }
        }
    }

    /// Waits until the program has ended. It has left the terminal as it was.
    #[track_caller]
    pub fn wait_for_end(mut self) -> ExitStatus {
        let until = Instant::now() + LIMIT;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < until, "it has not ended: {}", self.shown);
            thread::sleep(Duration::from_millis(20));
        };
        let now = tcgetattr(&self.screen).unwrap();
        assert!(now.local_flags.contains(LocalFlags::ICANON | LocalFlags::ECHO), "{now:?}");
        status
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Fails if it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
