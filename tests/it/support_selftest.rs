//! Proves the test support itself: an oracle that accepts garbage proves nothing.

mod client;
mod faulty;
mod load;
mod others;
mod recorder;
mod script;
