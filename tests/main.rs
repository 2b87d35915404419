//! Tests of the repository as a whole: what no single crate can test. They are one binary, so that
//! one test computes while another waits.
//!
//! - `checker.rs`: solved exercises get full marks, starters none
//! - `copy.rs`: an exercise works wherever it is copied, solved or as a starter; `scripts/copy`
//! - `workspace.rs`: how the exercises are run, what their manifests agree on, what the README says
//! - `lesson.rs`: what the READMEs teach: snippets, errors, output, links
//! - `starters.rs`: what a learner sees from a starter to its solution
//! - `tries.rs`: the changes to try do what their answers say
//! - `pictures.rs`: the pictures show what the programs print
//! - `elsewhere.rs`: packages in folders outside this workspace, and cargo there

mod checker;
mod copy;
mod elsewhere;
mod lesson;
mod pictures;
mod starters;
mod tries;
mod workspace;
