//! Grades a program by what it prints and when.
//!
//! From the inside out:
//!
//! - `recording`: what one run did, as plain data; `clock`: on which clock; `escape`: its text, made
//!   safe to show
//! - `judging`: what all exercises share to judge recordings
//! - `exercises`: the exercises, each in its own folder: what it reads, how it judges
//! - `recorder` and `runner`: start programs and record them, each in a process of its own;
//!   `protection`: keeps programs from reaching into these
//! - `caging`: what the checker decides about the cage; the crate `cage` does the rest
//! - `answers`: finds the programs to grade; `grade`: puts all of this together
//! - `report`: for people, programs and the platforms of teachers; `timeline`: a picture of a run;
//!   `terminal` and `new_file`: where either goes
//! - `class`: grades all submissions of a class, and writes what a teacher hands back
//! - `init`: writes out what the checker brings along: packages for platforms, starters, templates
//! - `meant`: guesses what a mistyped name was to be
//! - `places`: where in a program to look for a mistake
//! - `watch_loop`: checks again after each save, and obeys single keys

#[cfg(not(unix))]
compile_error!("the checker needs pseudo-terminals and signals: Linux, macOS or another Unix");

pub mod answers;
pub mod caging;
pub mod class;
pub mod clock;
pub mod escape;
pub mod exercises;
pub mod grade;
pub mod init;
pub mod judging;
pub mod meant;
pub mod new_file;
pub mod places;
pub mod protection;
pub mod recorder;
pub mod recording;
pub mod report;
pub mod runner;
pub mod terminal;
pub mod timeline;
pub mod watch_loop;
