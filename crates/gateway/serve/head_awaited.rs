//! hyper's own timer of HTTP/1, put to another use.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::rt::{Sleep, Timer};

use super::activity::Activity;

/// Tells the [`Activity`] that a head is waited for, and never fires.
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

/// Has no size: a box of it allocates nothing.
struct Never;

impl Sleep for Never {}

impl Future for Never {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }
}
