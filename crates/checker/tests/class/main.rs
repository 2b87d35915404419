//! A whole class, from its submissions to what the teacher hands back.

mod learners;
mod output;
mod page;
#[path = "../recorded/mod.rs"]
mod recorded;
mod run;
