//! The operator's side: who is let in, what is shown, and what can be done.

mod acting;
mod document;
mod events;
mod guarded;
mod health;
mod process;
mod state;
