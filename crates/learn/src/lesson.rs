//! The four exercises, one after another, in a folder of the learner's.
//!
//! - `course`: their order; `text`: what the lessons say
//! - `folder`: the learner's folder; `progress` and `progress_file`: what is kept there
//! - `source`: the functions and gaps of a program; `check`: builds, runs and judges it;
//!   `build_error`: what the compiler says against it
//! - `session`: the loop in the terminal; `introduction`, `writing` and `solved`: its stages; `hints`,
//!   `side_by_side` and `view`: what they show

mod build_error;
mod check;
mod course;
mod folder;
mod hints;
mod introduction;
mod progress;
mod progress_file;
mod session;
mod side_by_side;
mod solved;
mod source;
mod text;
mod view;
mod writing;

use checker::report::human::Look;
use checker::terminal;
use checker::watch_loop;
use folder::Folder;
use session::Session;
use std::path::Path;

/// Begins in a folder, or goes on where the learner stopped. Returns the exit code.
///
/// # Errors
///
/// One line, if the folder or the terminal cannot be used.
pub fn run(folder: &Path, repository: &Path) -> Result<u8, String> {
    let units = course::read(repository)?;
    let folder = Folder::open(folder, repository, &course::names(&units))?;
    let mut session = Session::new(folder, units)?;
    if watch_loop::is_possible() {
        return watch_loop::run(&mut session).map_err(|error| format!("the terminal: {error}"));
    }
    // A file or a pipe gets whole lines.
    let look = Look { wraps: false, ..terminal::look() };
    let (text, exit_code) = session.once(look)?;
    terminal::print(&text)?;
    Ok(exit_code)
}
