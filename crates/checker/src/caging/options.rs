//! The cage's options on the command line.

use super::{Caging, lacking, why_no_namespaces};
use cage::Layers;
use cage::limits::{Limits, size};
use cage::needs::VersionManagers;
use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum, value_parser};
use parse_size::Config;
use std::env;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

/// What the user asks of the cage.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Cage")]
pub struct CageOptions {
    /// Whether to run programs in a cage, where they reach only what they need
    #[arg(long, value_enum, default_value_t, conflicts_with = "cage_report")]
    cage: Cage,

    /// Let programs read this file or folder, too. May be repeated
    #[arg(long, value_name = "PATH", value_parser = existing)]
    allow_read: Vec<PathBuf>,

    /// Let programs see this variable of your environment, too. May be repeated
    #[arg(long, value_name = "NAME", value_parser = variable)]
    allow_env: Vec<OsString>,

    /// Let each program talk to itself, over a loopback interface of its own. Needs namespaces
    #[arg(long)]
    allow_loopback: bool,

    #[arg(long, value_name = "NUMBER", value_parser = value_parser!(u32).range(1..=10_000),
          help = format!(
              "How many processes and threads a program may have at a time [default: {}]",
              LIMITS.processes))]
    max_processes: Option<u32>,

    #[arg(long, value_name = "SIZE", value_parser = bytes,
          help = format!(
              "How much memory its processes may take in all, as in 512M [default: {}]",
              size(LIMITS.memory)))]
    max_memory: Option<u64>,

    #[arg(long, value_name = "SIZE", value_parser = bytes,
          help = format!(
              "How large each file that it writes may be [default: {}]",
              size(LIMITS.file)))]
    max_file: Option<u64>,

    #[arg(long, value_name = "SIZE", value_parser = bytes,
          help = format!(
              "How large the files in its private folder may be in all [default: {}]",
              size(LIMITS.folder)))]
    max_folder: Option<u64>,

    #[arg(long, value_name = "NUMBER", value_parser = value_parser!(u32).range(1..),
          help = format!(
              "How many files and folders its private folder may hold [default: {}]",
              LIMITS.files))]
    max_files: Option<u32>,

    #[arg(long, value_name = "SECONDS", value_parser = seconds,
          help = format!(
              "How much CPU time its processes may take in all [default: {}]",
              LIMITS.cpu))]
    max_cpu: Option<u32>,

    /// Say what the cage covers on this machine, and with which layers
    #[arg(long)]
    pub cage_report: bool,

    /// Leave out these layers of the cage, to see what the others still cover
    #[arg(long, value_name = "LAYERS", value_delimiter = ',',
          value_parser = PossibleValuesParser::new(["namespaces", "landlock", "filter"]))]
    cage_without: Vec<String>,
}

/// Whether programs run in a cage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Cage {
    /// In a cage made of the layers that this machine has
    #[default]
    Auto,
    /// Only in a cage that covers everything: files, network, processes and limits
    Require,
    /// Without a cage, with your own permissions
    Off,
}

const LIMITS: Limits = Limits::DEFAULT;

impl CageOptions {
    /// The cage that programs run in; `None` if they run without one.
    ///
    /// # Errors
    ///
    /// One line, if this machine does not have what is asked for.
    pub fn caging(&self) -> Result<Option<Caging>, String> {
        if self.cage == Cage::Off {
            return match self.given() {
                Some(option) => {
                    Err(format!("{option} has no effect with --cage off: leave one of them out"))
                }
                None => Ok(None),
            };
        }
        let layers = self.layers();
        if self.cage == Cage::Require
            && let Some(lacking) = lacking(layers)
        {
            return Err(format!("--cage require: {lacking}"));
        }
        if self.allow_loopback && !layers.namespaces {
            let why = why_no_namespaces();
            return Err(format!("--allow-loopback: it needs namespaces{why}"));
        }
        Ok(Some(Caging {
            layers,
            limits: self.limits(),
            allowed: self.allow_read.clone(),
            variables: self.allow_env.clone(),
            loopback: self.allow_loopback,
            managers: VersionManagers::default(),
        }))
    }

    /// The layers that this machine has, but for those that are left out.
    #[must_use]
    pub fn layers(&self) -> Layers {
        let wanted = |layer: &str| !self.cage_without.iter().any(|without| without == layer);
        let offered = Layers::offered();
        Layers {
            namespaces: offered.namespaces && wanted("namespaces"),
            landlock: offered.landlock && wanted("landlock"),
            filter: offered.filter && wanted("filter"),
        }
    }

    fn limits(&self) -> Limits {
        let folder = self.max_folder.unwrap_or(LIMITS.folder);
        let files = self.max_files.unwrap_or(LIMITS.files);
        Limits {
            processes: self.max_processes.unwrap_or(LIMITS.processes),
            memory: self.max_memory.unwrap_or(LIMITS.memory),
            file: self.max_file.unwrap_or(LIMITS.file),
            folder,
            files,
            added: folder,
            added_files: files,
            cpu: self.max_cpu.unwrap_or(LIMITS.cpu),
        }
    }

    /// An option that means nothing without a cage.
    fn given(&self) -> Option<&'static str> {
        let all = [
            ("--allow-read", !self.allow_read.is_empty()),
            ("--allow-env", !self.allow_env.is_empty()),
            ("--allow-loopback", self.allow_loopback),
            ("--max-processes", self.max_processes.is_some()),
            ("--max-memory", self.max_memory.is_some()),
            ("--max-file", self.max_file.is_some()),
            ("--max-folder", self.max_folder.is_some()),
            ("--max-files", self.max_files.is_some()),
            ("--max-cpu", self.max_cpu.is_some()),
            ("--cage-without", !self.cage_without.is_empty()),
        ];
        all.into_iter().find_map(|(option, is_given)| is_given.then_some(option))
    }
}

/// The real path of a file or folder that exists. It must not be one of which each cage has its own,
/// nor hold one.
fn existing(path: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(path).canonicalize().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".into(),
        _ => error.to_string(),
    })?;
    if path == Path::new("/") {
        return Err("that is everything: name only the folder that the program needs".into());
    }
    match ["/tmp", "/dev", "/dev/shm", "/proc"].iter().find(|own| Path::new(own).starts_with(&path))
    {
        Some(own) => Err(format!("each cage has its own {own}: name a file or folder in it")),
        None => Ok(path),
    }
}

/// The name of an environment variable that is set.
fn variable(text: &str) -> Result<OsString, String> {
    match text.split_once('=') {
        Some((name, _)) => Err(format!(
            "give only its name, {name}: the program gets the value that it has where you start the \
             checker"
        )),
        None if ["HOME", "TMPDIR"].contains(&text) => {
            Err("in the cage, it is always the program's private folder: leave this out".into())
        }
        None if env::var_os(text).is_none() => {
            Err("there is no such variable in your environment: set it, or leave this out".into())
        }
        None => Ok(text.into()),
    }
}

/// Whole seconds: the kernel counts no others.
fn seconds(text: &str) -> Result<u32, String> {
    let seconds = text.parse().ok().filter(|seconds| (1..=86_400).contains(seconds));
    seconds.ok_or_else(|| "give whole seconds, from 1 to 86400, as in 120".into())
}

/// A number of bytes.
fn bytes(text: &str) -> Result<u64, String> {
    match Config::new().with_binary().parse_size(text) {
        // A page: neither memory nor a file system is given out in less.
        Ok(bytes) if bytes >= 4096 => Ok(bytes),
        Ok(_) => Err("give at least 4K".into()),
        Err(_) => Err("give a number of bytes, as in 512M or 2G; 1K is 1024 bytes".into()),
    }
}
