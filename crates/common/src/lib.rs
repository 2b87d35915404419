//! What the exercises share, and what Python gives its scripts for free: a clock that prints
//! seconds, terminal colors, seeded random numbers, and arguments with clear errors.
//!
//! Nothing here is asynchronous: that part is the lesson, and is in the exercises.

pub mod arguments;
pub mod colors;
pub mod random;
pub mod starter;
#[cfg(feature = "testing")]
pub mod testing;
pub mod timing;
