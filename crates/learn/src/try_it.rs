//! Things to try: the changes that the READMEs propose, made in a copy and run.
//!
//! - `item`: one of them, as its file has it; `catalog`: all of them, by name
//! - `readme`: what the README says of it
//! - `diff`: the change, for people; `packages`: the changed programs, for cargo; `attempt`: one of
//!   them, built, run and judged
//! - `session`: predict, run and compare in the terminal; `view`: what it shows

mod attempt;
pub mod catalog;
mod diff;
mod item;
mod packages;
pub mod readme;
mod session;
mod view;

pub use attempt::Attempt;
pub use catalog::Item;
pub use item::{Change, Try};

use checker::report::human::Look;
use checker::terminal;
use checker::watch_loop;
use session::Session;
use std::path::Path;

/// Lists what there is to try, or makes the change with this name, runs the program and compares it
/// with what the learner predicts. Returns the exit code.
///
/// # Errors
///
/// One line, if there is no such change, or it cannot be built or run.
pub fn run(name: Option<&str>, repository: &Path) -> Result<u8, String> {
    let items = catalog::read(repository)?;
    let Some(name) = name else {
        terminal::print(&view::list(&items))?;
        return Ok(0);
    };
    let item = catalog::find(&items, name)?;
    if watch_loop::is_possible() {
        let mut session = Session::new(item.clone(), repository)?;
        return watch_loop::run(&mut session).map_err(|error| format!("the terminal: {error}"));
    }
    // A file or a pipe gets whole lines.
    let look = Look { wraps: false, ..terminal::look() };
    terminal::print(&session::without_terminal(item, repository, look)?)?;
    Ok(0)
}
