//! A whole class, from its submissions to what the teacher hands back.
//!
//! - `run`: killed, stopped, started twice, with submissions that do their worst
//! - `made`: made-up classes, as platforms hand them out
//! - `layouts`: whose is what, on each platform, and what is read of it
//! - `unsafe_files`: submissions that would do harm, or cannot be read
//! - `finding`: which file is taken as the answer to an exercise

#[path = "../browser/mod.rs"]
mod browser;
mod cohort;
mod finding;
mod layouts;
mod learners;
mod made;
mod output;
mod page;
#[path = "../recorded/mod.rs"]
mod recorded;
mod run;
#[cfg(target_os = "linux")]
mod unsafe_files;
