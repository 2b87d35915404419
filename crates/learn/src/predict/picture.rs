//! The timeline of a run, with the predictions on it.
