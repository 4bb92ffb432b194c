//! Learns from hyper when it begins to wait for a request's head: hyper starts a timer then.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::rt::{Sleep, Timer};

use super::activity::Activity;

/// A timer for hyper. When it is started, it tells the [`Activity`] that a head is waited for. It never fires.
#[derive(Debug)]
pub(super) struct HeadAwaited(pub(super) Arc<Activity>);

impl Timer for HeadAwaited {
    fn sleep(&self, _: Duration) -> Pin<Box<dyn Sleep>> {
        self.0.head_awaited();
        Box::pin(Never)
    }

    fn sleep_until(&self, _: std::time::Instant) -> Pin<Box<dyn Sleep>> {
        self.0.head_awaited();
        Box::pin(Never)
    }
}

/// A sleep that never ends. It has no size, so a box of it allocates nothing.
struct Never;

impl Sleep for Never {}

impl Future for Never {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }
}
