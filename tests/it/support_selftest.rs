//! Tests of the test support itself: a recorder that accepts garbage would prove nothing.

mod client;
mod faulty;
mod load;
mod others;
mod recorder;
mod script;
