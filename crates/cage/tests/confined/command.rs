//! Runs a command in a cage: `confined [--without LAYER]... [--read PATH]... [--loopback] COMMAND...`.
//! Says on standard error what holds it.

use cage::limits::Limits;
use cage::{Layers, Plan};
use std::env;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitCode};

fn main() -> io::Result<ExitCode> {
    let mut plan = Plan {
        read: Vec::new(),
        links: Vec::new(),
        write: Vec::new(),
        environment: env::vars_os().filter(|(name, _)| name == "PATH").collect(),
        missing: None,
        loopback: false,
        limits: Limits::default(),
        layers: Layers::offered(),
    };
    let mut arguments = env::args().skip(1).peekable();
    while let Some(option) = arguments.next_if(|argument| argument.starts_with("--")) {
        let mut value = || arguments.next().unwrap_or_default();
        match &*option {
            "--loopback" => plan.loopback = true,
            "--read" => plan.let_read(value().as_ref()),
            "--write" => plan.write.push(value().into()),
            "--without" => match &*value() {
                "namespaces" => plan.layers.namespaces = false,
                "landlock" => plan.layers.landlock = false,
                "filter" => plan.layers.filter = false,
                other => return Err(io::Error::other(format!("there is no layer {other}"))),
            },
            other => return Err(io::Error::other(format!("there is no option {other}"))),
        }
    }
    let program = arguments.next().ok_or_else(|| io::Error::other("name a command"))?;
    let entered = plan.enter()?;
    for (part, hold) in &entered.held().0 {
        let by: Vec<_> = hold.by.iter().map(ToString::to_string).collect();
        eprintln!("{part:?}: {}; not: {}", by.join(", "), hold.except.join(", "));
    }
    let mut command = Command::new(program);
    command.args(arguments);
    entered.confine(&mut command)?;
    entered.end_with_this_thread(&mut command);
    let status = command.status()?;
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default());
    Ok(ExitCode::from(code as u8))
}
