//! Shows how far a run has come.
