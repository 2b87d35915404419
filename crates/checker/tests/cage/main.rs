//! The cage holds hostile programs: each in the folder `programs` does what no program may, and is
//! run for real by the real checker. What counts is what is left outside of the cage: a file that was
//! changed, a server that was connected to, a process that was killed, the checker's verdict.
//!
//! - `attack`: something that a program does, and how it is tried
//! - `files`, `network`, `processes`, `surroundings`, `limits`: all attacks
//! - `stage`: where they are tried: the teacher's home, submissions, other processes
//! - `machine`: on what, and as whom: where a layer of the cage is missing, or without a cage
//! - `table`: all attacks on all machines, compared with the table in the checker's README
//! - `languages`: right answers keep full marks in the cage

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

mod attack;
mod files;
mod languages;
mod limits;
mod machine;
mod network;
mod processes;
mod stage;
mod surroundings;
mod table;
