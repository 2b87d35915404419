//! Things to try: the changes that the READMEs propose, made in a copy and run.

mod item;

pub use item::{Change, Try};
