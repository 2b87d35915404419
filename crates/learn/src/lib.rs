//! The learner's loop: predict what a program will do, write it, and see who holds the thread.
//!
//! - `lesson`: the four exercises in a folder of the learner's, one after another
//! - `try_it`: the changes that the READMEs propose, made in a copy and run
//! - `paragraph`: text in lines that fit
//! - `predict`: three questions before a run, and the truth beside the answers after it

#[cfg(not(unix))]
compile_error!("the checker needs pseudo-terminals and signals: Linux, macOS or another Unix");

pub mod lesson;
pub mod paragraph;
pub mod predict;
pub mod try_it;
