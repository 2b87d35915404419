//! Grades all submissions of a class: one file with the result of each learner, and what a teacher
//! hands back, made from these.
//!
//! - `options`: the command line
//! - `class_file`: what was asked, and who submitted; `learner`: the result of one learner. Both are
//!   plain data
//! - `run`: grades a class, in passes; `chosen`: whose submissions; `interrupt`: ends it early
//! - `grades_folder`: where results are kept; `whole_file`: writes a file whole or not at all
//! - `pool`: the workers of a pass; `worker`: one of them, another process, which grades one learner
//!   at a time; `work`: what it does with one
//! - `progress`: shows how far a run has come; `summary`: what became of it
//! - `output`: what a teacher hands back
//! - `shard`: one of several parts of a class, each graded elsewhere; `merge`: puts them together

mod chosen;
pub mod class_file;
mod grades_folder;
mod interrupt;
pub mod learner;
mod merge;
mod options;
pub mod output;
mod pool;
mod progress;
mod run;
pub mod shard;
mod summary;
mod whole_file;
mod work;
pub mod worker;

pub use merge::merge;
pub use options::ClassOptions;
pub use run::run;
