//! Grades a program by what it prints, and when.
//!
//! From the inside out:
//!
//! - `recording`: what one run did, as plain data; `output`, `color` and `timing` read it
//! - `rubrics`: what each exercise is judged by; `verdict` and `mistake` are what they can say
//! - `recorder` and `runner`: start programs and record them, each in a process of its own
//! - `answers`: finds the programs to grade; `grade`: puts the above together
//! - `report`: tells people, programs and continuous integration; `timeline`: a picture of a run

#[cfg(not(unix))]
compile_error!("the checker needs pseudo-terminals and signals: Linux, macOS or another Unix");

pub mod answers;
mod color;
pub mod grade;
pub mod mistake;
mod output;
pub mod recorder;
pub mod recording;
pub mod report;
pub mod rubrics;
pub mod runner;
pub mod timeline;
pub mod timing;
pub mod verdict;
