//! A whole class, as the platforms hand it out.
//!
//! - `made`: made-up classes
//! - `layouts`: whose is what, on each platform, and what is read of it
//! - `unsafe_files`: submissions that would do harm, or cannot be read
//! - `finding`: which file is taken as the answer to an exercise

mod finding;
mod layouts;
mod made;
#[cfg(target_os = "linux")]
mod unsafe_files;
