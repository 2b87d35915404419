//! A whole class, from its submissions to what the teacher hands back.
//!
//! - `run`: killed, stopped, started twice, with submissions that do their worst
//! - `made`: made-up classes, as platforms hand them out
//! - `layouts`: whose is what, on each platform, and what is read of it
//! - `unpacked`: what was submitted, while it is graded
//! - `unsafe_files`: submissions that would do harm, or cannot be read
//! - `finding`: which file is taken as the answer to an exercise
//! - `mistakes`: what a teacher types by mistake; `rosters`: whose submission is whose
//! - `output` and `page`: what comes out of results that `learners` makes up; `handed_back`: what the
//!   real checker hands back

#[path = "../browser/mod.rs"]
mod browser;
mod cohort;
mod finding;
mod handed_back;
mod layouts;
mod learners;
mod made;
mod mistakes;
mod output;
mod page;
#[path = "../recorded/mod.rs"]
mod recorded;
mod rosters;
mod run;
mod unpacked;
#[cfg(target_os = "linux")]
mod unsafe_files;
