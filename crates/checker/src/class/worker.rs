//! A worker: another process of the checker, which grades one learner after the other.
