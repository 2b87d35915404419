//! The cage holds hostile programs: each in `programs` breaks one promise if nothing stops it, and is
//! run for real by the real checker. What counts is what is left outside of the cage: a file that was
//! changed, a server that was connected to, a process that was killed, the checker's verdict.
//!
//! - `promise`: what a promise is, and how one is put to the test
//! - `files`, `network`, `processes`, `limits`, `surroundings`: the promises
//! - `stage`: where a hostile program runs: a home, submissions, somebody's processes
//! - `column`: on which machine, and as whom: without a layer of the cage, or without the cage
//! - `table`: all of it, compared with the table in the checker's README
//! - `languages`: right answers keep full marks in the cage
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

mod column;
mod files;
mod languages;
mod limits;
mod network;
mod processes;
mod promise;
mod stage;
mod surroundings;
mod table;
