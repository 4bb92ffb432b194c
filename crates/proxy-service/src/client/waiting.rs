//! Whether a request waits for leave to have a connection: said by the client, to whoever limits the time until the answer.
//!
//! Between the two may lie any number of futures that know nothing of it. But they poll one within the other, on one thread.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

thread_local! {
    static WAITS: Cell<bool> = const { Cell::new(false) };
}

/// What became of polling a request.
pub(crate) enum Progress<T> {
    Done(T),
    /// Nothing of it has been sent: all connections that there may be are in use.
    WaitsForConnection,
    UnderWay,
}

/// Polls a request, and says what it waits for.
pub(crate) fn observe<T>(poll: impl FnOnce() -> Poll<T>) -> Progress<T> {
    WAITS.set(false);
    match poll() {
        Poll::Ready(done) => Progress::Done(done),
        Poll::Pending if WAITS.get() => Progress::WaitsForConnection,
        Poll::Pending => Progress::UnderWay,
    }
}

/// Waits for a connection's sake, and says so.
pub(super) async fn for_connection<F: Future>(wait: F) -> F::Output {
    let mut wait = pin!(wait);
    poll_fn(|cx| {
        let polled = wait.as_mut().poll(cx);
        if polled.is_pending() {
            WAITS.set(true);
        }
        polled
    })
    .await
}
