//! The admin gate can't be walked around: threats.md T20, exhaustively, and by hand; and it can't be opened with anything
//! but exactly one right token.

mod exhaustive;
mod models;
mod paths;
mod tokens;
