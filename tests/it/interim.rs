//! Interim (1xx) answers reach the client: those of an upstream, and those of a handler behind the listener.

mod handler;
mod upstream;
