//! The future of a service that changes the answers of another one.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

/// Changes an answer.
pub trait Change<R> {
    /// The answer afterwards.
    type Changed;

    /// Changes it.
    fn change(self, answer: R) -> Self::Changed;
}

pin_project! {
    /// Waits for an answer and changes it.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Changing<F, C> {
        #[pin]
        inner: F,
        change: Option<C>,
    }
}

impl<F, C> Changing<F, C> {
    pub(super) fn new(inner: F, change: C) -> Self {
        Self { inner, change: Some(change) }
    }
}

impl<F, C, R, E> Future for Changing<F, C>
where
    F: Future<Output = Result<R, E>>,
    C: Change<R>,
{
    type Output = Result<C::Changed, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let answer = ready!(this.inner.poll(cx))?;
        let change = this.change.take().expect("a future isn't polled after it is done");
        Poll::Ready(Ok(change.change(answer)))
    }
}
