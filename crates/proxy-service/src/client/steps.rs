//! Notes when a request came how far. The future that waits for the answer takes the notes.
//!
//! As in `waiting`, there may be any number of futures between the two, but each polls the next one on the same thread.

use std::cell::Cell;
use std::time::Duration;

use tokio::time::Instant;

thread_local! {
    static NOTED: Cell<Steps> = const { Cell::new(Steps { connect: None, sent: None }) };
}

/// The steps that a request made while it was polled once.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Steps {
    /// How long it took to get a new connection, or to fail to.
    pub(crate) connect: Option<Duration>,
    /// When all of the request was written.
    pub(crate) sent: Option<Instant>,
}

/// Polls a request, and returns the steps that it made.
pub(crate) fn taken_in<T>(poll: impl FnOnce() -> T) -> (T, Steps) {
    // Other requests on this thread may have left something that nobody took.
    NOTED.set(Steps::default());
    (poll(), NOTED.get())
}

pub(super) fn note_connect(took: Duration) {
    NOTED.set(Steps { connect: Some(took), ..NOTED.get() });
}

pub(super) fn note_sent() {
    NOTED.set(Steps { sent: Some(Instant::now()), ..NOTED.get() });
}
