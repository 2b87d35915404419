//! The folder of the grades: who works in it, what is finished, what is not.
