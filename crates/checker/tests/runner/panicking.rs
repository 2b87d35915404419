//! A session of the learner's loop with a bug in it.

use checker::report::human::Look;
use checker::watch_loop::{Check, Key, Next, Prompt, Session};
use std::path::PathBuf;

/// Panics when p is pressed.
pub struct Panicking {
    /// Where: in the loop itself, or in a check.
    in_check: bool,
    is_pressed: bool,
}

impl Panicking {
    pub fn new(place: &str) -> Self {
        Self { in_check: place == "check", is_pressed: false }
    }
}

impl Session for Panicking {
    type Outcome = ();

    fn files(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    fn check(&mut self) -> Option<Check<()>> {
        self.is_pressed.then(|| -> Check<()> { Box::new(|_| panic!("a bug in the check")) })
    }

    fn checked(&mut self, (): ()) {}

    fn text(&self, _: Look) -> String {
        String::new()
    }

    fn prompt(&self) -> Prompt {
        Prompt { words: String::new(), keys: vec![Key { key: 'p', word: "panic" }] }
    }

    fn press(&mut self, _: char) -> Next {
        assert!(self.in_check, "a bug in the loop");
        self.is_pressed = true;
        Next::Check
    }

    fn exit_code(&self) -> u8 {
        0
    }
}
