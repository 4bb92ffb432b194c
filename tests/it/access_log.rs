//! The access log of the real binary: one line for each request, written when its body ends.

mod complete;
mod endings;
mod fields;
mod injection;
mod json;
mod logged;
mod refused;
