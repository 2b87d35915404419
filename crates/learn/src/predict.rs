//! Predictions: questions before a run, each answered with one key, and after it what was predicted
//! beside what happened, on one timeline.
//!
//! What is right is written nowhere: each option makes a [`Claim`], and the run says whether that is
//! true.
//!
//! ```no_run
//! use checker::exercises;
//! use checker::report::human::Look;
//! use learn::predict::{Quiz, Run, compare};
//! # fn show(_: &str) {}
//! # fn key() -> char { '1' }
//! # fn recording() -> checker::recording::Recording { todo!() }
//! # fn example(repository: &std::path::Path, look: Look) -> Result<(), String> {
//! let mut quiz = Quiz::of_exercise(repository, "countasync")?;
//! while let Some(asks) = quiz.prompt() {
//!     show(&asks);
//!     quiz.answer(key());
//! }
//! let run = Run::new(exercises::find("countasync").unwrap(), &recording());
//! show(&compare(quiz.predictions(), &run, look));
//! # Ok(())
//! # }
//! ```

mod compare;
mod picture;
mod question;
mod quiz;
mod run;

pub use compare::compare;
pub use question::{Choice, Claim, Question};
pub use quiz::{Prediction, Quiz, SKIP};
pub use run::Run;
