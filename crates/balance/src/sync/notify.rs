use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;
use tokio::sync::futures::OwnedNotified;

/// tokio's `Notify`, which doesn't know loom. In a model each call is one step, in one order with all others, as
/// the lock inside `Notify` orders them.
#[derive(Default)]
pub(crate) struct Notify {
    tokio: Arc<tokio::sync::Notify>,
    order: Order,
}

pin_project! {
    /// A wait for the [`Notify`] that made it.
    pub(crate) struct Notified {
        #[pin]
        tokio: OwnedNotified,
        order: Order,
    }
}

impl Notify {
    /// Completes at the first [`notify_waiters`](Self::notify_waiters) after this call.
    /// [`notify_one`](Self::notify_one) wakes it from [`enable`](Notified::enable) or its first poll on.
    pub(crate) fn notified(&self) -> Notified {
        self.order.step();
        Notified { tokio: Arc::clone(&self.tokio).notified_owned(), order: self.order.clone() }
    }

    pub(crate) fn notify_one(&self) {
        self.order.step();
        self.tokio.notify_one();
    }

    pub(crate) fn notify_waiters(&self) {
        self.order.step();
        self.tokio.notify_waiters();
    }
}

impl Notified {
    pub(crate) fn enable(self: Pin<&mut Self>) {
        let this = self.project();
        this.order.step();
        this.tokio.enable();
    }
}

impl Future for Notified {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        this.order.step();
        this.tokio.poll(cx)
    }
}

#[cfg(not(loom))]
#[derive(Clone, Default)]
struct Order;

#[cfg(not(loom))]
impl Order {
    fn step(&self) {}
}

#[cfg(loom)]
#[derive(Clone, Default)]
struct Order(Arc<super::AtomicU64>);

#[cfg(loom)]
impl Order {
    fn step(&self) {
        self.0.fetch_add(1, super::Ordering::AcqRel);
    }
}
