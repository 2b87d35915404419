//! Grades all submissions of a class: one file with the result of each learner, and what a teacher
//! hands back, made from these.
//!
//! - `learner`: the result of one learner, as plain data
//! - `shard`: one of several parts of a class, each graded elsewhere

pub mod learner;
pub mod shard;
