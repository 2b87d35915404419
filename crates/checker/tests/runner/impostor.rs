//! A program that imitates other programs for the tests: it does, step by step, what its arguments
//! say, such as `impostor print One sleep 1000 print Two exit 1`. The script ends after its last
//! step or at `--`; the arguments that the checker adds come after that.

mod panicking;

use checker::watch_loop;
use nix::poll::{PollTimeout, poll};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::{SigSet, Signal, kill, raise};
use nix::sys::time::TimeValLike;
use nix::unistd::{Pid, getppid};
use panicking::Panicking;
use std::error::Error;
use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::net::TcpStream;
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    play(std::env::args().skip(1).take_while(|word| word != "--"), Instant::now())
}

fn play(mut script: impl Iterator<Item = String>, start: Instant) -> Result<()> {
    while let Some(step) = script.next() {
        let mut word = || script.next().ok_or_else(|| format!("{step} needs an argument"));
        match &*step {
            // Output.
            "print" => write(io::stdout(), format!("{}\n", word()?).as_bytes())?,
            "print-time" => {
                let seconds = start.elapsed().as_secs_f64();
                println!("{} executed in {seconds:.2} seconds.", word()?);
            }
            "print-error" => write(io::stderr(), format!("{}\n", word()?).as_bytes())?,
            "bytes" => write(io::stdout(), &from_hexadecimal(&word()?)?)?,
            "flood-stdout" => flood(io::stdout(), &format!("{}\n", word()?))?,
            "flood-stderr" => flood(io::stderr(), &format!("{}\n", word()?))?,
            "flood-line" => flood(io::stdout(), &word()?)?,
            "close-stdout" => nix::unistd::close(1)?,
            // Waiting, in milliseconds: blocking, as in an event loop, and busy for that much CPU
            // time.
            "sleep" => thread::sleep(Duration::from_millis(word()?.parse()?)),
            "poll" => drop(poll(&mut [], PollTimeout::try_from(word()?.parse::<u32>()?)?)?),
            "spin" => spin(word()?.parse()?)?,
            // For what never comes; for a line from a server on this port.
            "deadlock" => deadlock()?,
            "connect" => connect(word()?.parse()?)?,
            // Only on the virtual clock, for which it is traced: a script of its own.
            "if-traced" => {
                let script = word()?;
                if is_traced()? {
                    play(&mut script.split_whitespace().map(ToOwned::to_owned), start)?;
                }
            }
            // The learner's loop, with a bug in it.
            "panic" => drop(watch_loop::run(&mut Panicking::new(&word()?))?),
            // Processes: a child has a script of its own, as a single word.
            "spawn" => spawn(&word()?)?,
            "new-session" => drop(nix::unistd::setsid()?),
            "chains" => chains(word()?.parse()?, word()?.parse()?)?,
            "chain" => chain(word()?.parse()?)?,
            // Attacks on its recorder and on the checker: each says how it went.
            #[cfg(target_os = "linux")]
            "trace" => {
                let options = nix::sys::ptrace::Options::empty();
                println!("traced: {:?}", nix::sys::ptrace::seize(ancestor(&word()?)?, options));
            }
            "open" => {
                let (whose, file) = (word()?, word()?);
                let path = format!("/proc/{}/{file}", ancestor(&whose)?);
                let opened = File::options().write(true).open(path);
                println!("opened {file} of {whose}: {:?}", opened.err().map(|e| e.kind()));
            }
            "replace" => replace(Path::new(&word()?))?,
            // Endings.
            "block-signal" => SigSet::from(word()?.parse::<Signal>()?).thread_block()?,
            "signal" => raise(word()?.parse()?)?,
            "limit" => limit(ancestor(&word()?)?)?,
            "limit-others" => other_recorders()?.into_iter().try_for_each(limit)?,
            "signal-others" => {
                let signal = word()?.parse::<Signal>()?;
                other_recorders()?.into_iter().try_for_each(|other| kill(other, signal))?;
            }
            "signal-recorder" => kill(ancestor("recorder")?, word()?.parse::<Signal>()?)?,
            "signal-checker" => kill(ancestor("checker")?, word()?.parse::<Signal>()?)?,
            "exit" => std::process::exit(word()?.parse()?),
            // What it was started with.
            "read-stdin" => println!("read {} bytes", io::stdin().read_to_end(&mut Vec::new())?),
            "describe-streams" => describe_streams()?,
            "describe-environment" => {
                std::env::vars().for_each(|(name, value)| println!("{name}={value}"));
            }
            _ => return Err(format!("there is no step {step}").into()),
        }
    }
    Ok(())
}

fn write(mut to: impl Write, bytes: &[u8]) -> io::Result<()> {
    to.write_all(bytes)?;
    to.flush()
}

/// Writes the text again and again, forever.
fn flood(mut to: impl Write, text: &str) -> io::Result<()> {
    let text = text.repeat(1000);
    loop {
        to.write_all(text.as_bytes())?;
    }
}

fn from_hexadecimal(text: &str) -> Result<Vec<u8>> {
    (0..text.len())
        .step_by(2)
        .map(|index| {
            let byte = text.get(index..index + 2).ok_or("bytes needs two digits for each byte")?;
            Ok(u8::from_str_radix(byte, 16)?)
        })
        .collect()
}

/// Counts CPU time: on a busy machine this takes longer, but uses no less.
fn spin(milliseconds: i64) -> Result<()> {
    let start = used_milliseconds()?;
    while used_milliseconds()? - start < milliseconds {}
    Ok(())
}

/// Waits for itself.
fn deadlock() -> Result<()> {
    let (sender, receiver) = mpsc::channel::<()>();
    let received = receiver.recv();
    drop(sender);
    Ok(received?)
}

fn connect(port: u16) -> Result<()> {
    let mut says = String::new();
    TcpStream::connect(("127.0.0.1", port))?.read_to_string(&mut says)?;
    Ok(write(io::stdout(), says.as_bytes())?)
}

fn is_traced() -> Result<bool> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    Ok(status.lines().any(|line| line.starts_with("TracerPid:") && !line.ends_with("\t0")))
}

fn used_milliseconds() -> Result<i64> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    Ok((usage.user_time() + usage.system_time()).num_milliseconds())
}

fn spawn(script: &str) -> Result<()> {
    Command::new(std::env::current_exe()?).args(script.split_whitespace()).spawn()?;
    Ok(())
}

/// Starts this many chains of processes, each of which starts the next one and ends, for this many
/// milliseconds.
fn chains(number: usize, milliseconds: u64) -> Result<()> {
    let until = SystemTime::now().duration_since(UNIX_EPOCH)? + Duration::from_millis(milliseconds);
    (0..number).try_for_each(|_| spawn(&format!("chain {}", until.as_millis())))
}

/// A link of a chain, in a session of its own, until this time.
fn chain(until: u128) -> Result<()> {
    let _ = nix::unistd::setsid();
    if SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis() < until {
        spawn(&format!("chain {until}"))?;
    }
    Ok(())
}

/// The process that records this one, or the checker, which is the parent of that.
fn ancestor(name: &str) -> Result<Pid> {
    let recorder = getppid();
    if name == "recorder" {
        return Ok(recorder);
    }
    let status = std::fs::read_to_string(format!("/proc/{recorder}/status"))?;
    let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"));
    Ok(Pid::from_raw(parent.ok_or("no parent")?.trim().parse()?))
}

/// Replaces a program with one that only fails.
fn replace(program: &Path) -> Result<()> {
    std::fs::remove_file(program)?;
    std::fs::write(program, "#!/bin/sh\nexit 7\n")?;
    Ok(std::fs::set_permissions(program, std::fs::Permissions::from_mode(0o755))?)
}

fn describe_streams() -> Result<()> {
    let stdin = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let is_null = stdin.metadata()?.rdev() == std::fs::metadata("/dev/null")?.rdev();
    println!("stdin is /dev/null: {is_null}");
    println!("stdout is a terminal: {}", io::stdout().is_terminal());
    println!("stderr is a terminal: {}", io::stderr().is_terminal());
    Ok(())
}

/// Lets a process open no more files.
#[cfg(target_os = "linux")]
fn limit(process: Pid) -> Result<()> {
    use rustix::process::{Resource, Rlimit, prlimit};
    let limit = Rlimit { current: Some(3), maximum: Some(4096) };
    prlimit(rustix::process::Pid::from_raw(process.as_raw()), Resource::Nofile, limit)?;
    Ok(())
}

/// All recorders but its own.
fn other_recorders() -> Result<Vec<Pid>> {
    let checker = ancestor("checker")?;
    let mut others = Vec::new();
    for thread in std::fs::read_dir(format!("/proc/{checker}/task"))? {
        let children = std::fs::read_to_string(thread?.path().join("children"))?;
        for child in children.split_whitespace() {
            others.push(Pid::from_raw(child.parse()?));
        }
    }
    others.retain(|other| *other != getppid());
    Ok(others)
}

#[cfg(not(target_os = "linux"))]
fn limit(_process: Pid) -> Result<()> {
    Err("only Linux can do that".into())
}
