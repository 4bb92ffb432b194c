//! Counts the streams of an HTTP/2 connection, by the tasks that hyper spawns for them.

use std::sync::Arc;

use hyper::rt::Executor;

use super::activity::Activity;

/// hyper's executor for HTTP/2. It counts the tasks of streams; a connection without any is idle.
#[derive(Clone, Debug)]
pub(super) struct Streams(pub(super) Arc<Activity>);

impl<F> Executor<F> for Streams
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    fn execute(&self, stream: F) {
        self.0.stream_began();
        let in_flight = InFlight(Arc::clone(&self.0));
        tokio::spawn(async move {
            stream.await;
            drop(in_flight);
        });
    }
}

struct InFlight(Arc<Activity>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.stream_ended();
    }
}
