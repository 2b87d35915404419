//! The page for the teacher, in a real browser.
