//! Grades all submissions of a class: one file with the result of each learner, and what a teacher
//! hands back, made from these.
//!
//! - `options`: the command line
//! - `class_file`: what was asked, and who submitted; `learner`: the result of one learner. Both are
//!   plain data
//! - `grades_folder`: where these are kept
//! - `worker`: another process, which grades one learner at a time; `work`: what it does with one
//! - `progress`: how far a run has come

pub mod class_file;
mod grades_folder;
pub mod learner;
mod options;
mod progress;
mod work;
pub mod worker;

pub use options::ClassOptions;
