//! The learner's loop: predict what a program will do, write it, and see who holds the thread.
//!
//! - `lesson`: the four exercises in a folder of the learner's, one after another
//! - `try_it`: the changes that the READMEs propose, made in a copy and run
//! - `predict`: three questions before a run, and the truth beside the answers after it
//! - `data`: what all of this is about, as TOML; `whole_file`: how files are written; `paragraph`:
//!   text in lines that fit

#[cfg(not(unix))]
compile_error!("the checker needs pseudo-terminals and signals: Linux, macOS or another Unix");

mod data;
pub mod lesson;
mod paragraph;
pub mod predict;
pub mod try_it;
mod whole_file;
