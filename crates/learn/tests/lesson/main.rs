//! The real `scripts/learn` and somebody who learns with it: in a terminal, by saving and pressing
//! keys.
//!
//! - `in_a_terminal`: the loop from the first start to the next exercise
//! - `folders`: which folders it takes, and that nothing in them is lost
//! - `learner`: a folder, and the programs that a learner saves there

mod folders;
#[cfg(target_os = "linux")]
mod in_a_terminal;
mod learner;
#[cfg(target_os = "linux")]
#[path = "../../../checker/tests/runner/processes.rs"]
mod processes;
#[cfg(target_os = "linux")]
#[path = "../../../checker/tests/runner/terminal.rs"]
mod terminal;
