//! `virtual-time -- COMMAND`: runs a command on a clock of its own, and prints each line with the
//! time at which it came.

use clap::Parser;
use nix::sys::signal::SigSet;
use std::io::{self, Write};
use std::process::{Command, ExitCode, Stdio};
use virtual_time::{Activity, Capture, Doing, Ending, Failure, Limits, Stream, Watcher, record};

/// Runs a program on a clock of its own: waits cost nothing. Prints each line with its time. The
/// program's standard input is empty.
#[derive(Parser)]
#[command(version, after_help = EXAMPLES)]
struct CommandLine {
    /// The program and its arguments
    #[arg(required = true, trailing_var_arg = true, value_name = "COMMAND")]
    command: Vec<String>,

    /// Stop the program when its clock shows this many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 3600.0, value_parser = positive,
          allow_negative_numbers = true)]
    limit: f64,

    /// Give up when it has taken this many real seconds more than its clock shows
    #[arg(long, value_name = "SECONDS", default_value_t = Limits::default().real_seconds, value_parser = positive,
          allow_negative_numbers = true)]
    real_seconds: f64,

    /// Give up when the tracer has stopped it this many times, mostly for its system calls
    #[arg(long, value_name = "NUMBER", default_value_t = Limits::default().stops)]
    stops: u64,

    /// Stop the program if its processes have more threads than this in all
    #[arg(long, value_name = "NUMBER")]
    max_threads: Option<usize>,

    /// Also print what each thread was doing, and when: all that took a millisecond or more
    #[arg(long)]
    threads: bool,
}

const EXAMPLES: &str = "\
Exit codes:
  0 to 123  that of the program; 128 plus the number of the signal that ended it
  124       stopped: it waits forever, or a limit was reached
  125       not believed (a run in real time may differ), not recorded, or incorrect usage
  126, 127  the program could not be executed, or was not found

Examples:
  cargo run -p virtual-time -- sleep 5
  cargo run -p virtual-time -- sh -c 'sleep 60; echo one minute later'
  cargo run -p virtual-time -- --threads python3 countasync.py";

/// The exit code if virtual-time itself fails.
const FAILED: u8 = 125;
/// The exit code if nobody reads what is printed: as if SIGPIPE had ended it.
const CLOSED: u8 = 128 + 13;

fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds > 0.0 && seconds.is_finite() => Ok(seconds),
        _ => Err("give a number of seconds, more than 0, as in --limit 60".into()),
    }
}

fn main() -> ExitCode {
    let line = match CommandLine::try_parse() {
        Ok(line) => line,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { FAILED } else { 0 });
        }
    };
    let mut command = Command::new(&line.command[0]);
    command.args(&line.command[1..]).stdin(Stdio::null());
    let mut printer = Printer {
        limit: line.limit,
        streams: [
            Capture::new("standard output", usize::MAX),
            Capture::new("standard error", usize::MAX),
        ],
        problem: None,
    };
    let limits =
        Limits { real_seconds: line.real_seconds, stops: line.stops, threads: line.max_threads };
    let mask = SigSet::thread_get_mask().unwrap_or(SigSet::empty());
    let recording = record(command, mask, limits, &mut printer);
    printer.finish();
    if let Some(problem) = printer.problem {
        if problem.kind() == io::ErrorKind::BrokenPipe {
            return ExitCode::from(CLOSED);
        }
        say(&format!("cannot write what it prints: {problem}"));
        return ExitCode::from(FAILED);
    }
    match recording {
        Ok(recording) => {
            if line.threads {
                print_threads(&recording.activities);
            }
            ExitCode::from(code(recording.ending, &line))
        }
        Err(failure) => ExitCode::from(explain(&line.command[0], &failure)),
    }
}

fn say(text: &str) {
    let _ = writeln!(io::stderr(), "virtual-time: {text}");
}

fn code(ending: Ending, line: &CommandLine) -> u8 {
    match ending {
        Ending::Exited(code) => code as u8,
        Ending::Signaled(signal) => 128 + signal as u8,
        Ending::WaitsForever => {
            say("it waits forever");
            124
        }
        Ending::Stopped => {
            say(&format!("stopped after {} s", line.limit));
            124
        }
        Ending::TooManyThreads => {
            let most = line.max_threads.unwrap_or_default();
            say(&format!("stopped: more than {most} threads"));
            124
        }
    }
}

fn explain(program: &str, failure: &Failure) -> u8 {
    match failure {
        Failure::NotStarted(error) => {
            say(&format!("{program}: {error}"));
            if error.kind() == io::ErrorKind::NotFound { 127 } else { 126 }
        }
        Failure::NotBelieved(why) => {
            say(&format!("not believed: {why}"));
            FAILED
        }
        Failure::Unsupported(why) => {
            say(why);
            FAILED
        }
        Failure::NotRecorded(error) => {
            say(&format!("it could not be recorded: {error}"));
            FAILED
        }
    }
}

/// Prints lines as they come.
struct Printer {
    limit: f64,
    streams: [Capture; 2],
    /// Why it can no longer print.
    problem: Option<io::Error>,
}

impl Printer {
    fn print(&mut self, stream: Stream, lines: Vec<virtual_time::Line>) {
        for virtual_time::Line { at, bytes } in lines {
            let line = [format!("{at:8.3}  ").as_bytes(), &bytes, b"\n"].concat();
            let printed = match stream {
                Stream::Output => io::stdout().write_all(&line).and_then(|()| io::stdout().flush()),
                Stream::Error => io::stderr().write_all(&line),
            };
            self.problem = self.problem.take().or(printed.err());
        }
    }

    /// Prints what has no line feed at the end.
    fn finish(&mut self) {
        for (index, stream) in [Stream::Output, Stream::Error].into_iter().enumerate() {
            let rest = self.streams[index].finish(&mut Vec::new());
            self.print(stream, rest);
        }
    }
}

impl Watcher for Printer {
    fn output(&mut self, stream: Stream, bytes: &[u8], at: f64) {
        // In parts, none of which has more lines than are kept.
        for part in bytes.chunks(4096) {
            let capture = &mut self.streams[stream as usize];
            capture.take(part, at);
            let lines = capture.drain();
            self.print(stream, lines);
        }
    }

    fn goes_on(&mut self, at: f64) -> bool {
        at <= self.limit && self.problem.is_none()
    }
}

fn print_threads(activities: &[Activity]) {
    let mut text = String::new();
    let long = activities.iter().filter(|activity| activity.to - activity.from >= 0.001);
    for Activity { process, thread, doing, from, to } in long {
        let doing = match doing {
            Doing::Runs => "runs",
            Doing::Sleeps => "sleeps",
            Doing::Polls => "waits in an event loop",
            Doing::Waits => "waits",
            Doing::Ready => "is ready to run",
        };
        text += &format!("{from:8.3} to {to:8.3}  process {process}, thread {thread}: {doing}\n");
    }
    let _ = io::stdout().write_all(text.as_bytes());
}
