//! Grades one submission: unpacks it, finds its answers, builds and grades them.
