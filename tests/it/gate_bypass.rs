//! No request gets around the admin gate: all paths of a set are tried, and those that have worked elsewhere. Nothing
//! but exactly one right token opens it.

mod exhaustive;
mod models;
mod paths;
mod patterns;
mod tokens;
