//! The operator's side: who is let in, what is shown, and what can be done.

mod guarded;
mod health;
mod process;
mod state;
