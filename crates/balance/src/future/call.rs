//! The calls that are under way for a request: one, or two if it is hedged.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use pin_project_lite::pin_project;
use tokio::time::Sleep;

use crate::{in_flight::InFlight, search::Found};

pub(super) const ONCE: &str = "a future is not polled again once it was ready";

/// The call of one endpoint.
pub(super) struct Call<S> {
    pub(super) in_flight: InFlight<S>,
    pub(super) index: usize,
    pub(super) version: u64,
    pub(super) patience: Option<Pin<Box<Sleep>>>,
}

impl<S> Call<S> {
    /// What is known of a call before it is made, and the service to make it with.
    pub(super) fn of(found: Found<S>, patience: Option<Duration>) -> (S, Self) {
        let Found { service, in_flight, index, version } = found;
        (service, Self { in_flight, index, version, patience: patience.map(sleep) })
    }

    /// Ready when this endpoint has taken longer to answer than one try may.
    pub(super) fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.patience {
            Some(patience) => patience.as_mut().poll(cx),
            None => Poll::Pending,
        }
    }
}

pin_project! {
    /// What goes on beside the first call of a request that may be hedged.
    #[project = BesideProj]
    pub(super) enum Beside<S, Fut> {
        Waiting { #[pin] delay: Sleep },
        /// The second endpoint is called. It has no call once its result is there.
        Calling { #[pin] response: Fut, call: Option<Call<S>> },
    }
}

/// What goes on beside the first call, in its box.
pub(super) type Second<S, Fut> = Pin<Box<Beside<S, Fut>>>;

/// What came of it.
pub(super) enum Event<S, Res> {
    /// The request may be sent to a second endpoint.
    Due,
    /// The second endpoint's result.
    Result(Res, Call<S>),
}

impl<S, Fut> Beside<S, Fut> {
    pub(super) fn begin(delay: Duration) -> Second<S, Fut> {
        Box::pin(Self::Waiting { delay: tokio::time::sleep(delay) })
    }

    pub(super) fn is_calling(beside: &Second<S, Fut>) -> bool {
        matches!(**beside, Self::Calling { .. })
    }

    /// The call of the second endpoint, while it has no result.
    pub(super) fn call(self: Pin<&mut Self>) -> Option<&mut Call<S>> {
        match self.project() {
            BesideProj::Waiting { .. } => None,
            BesideProj::Calling { call, .. } => call.as_mut(),
        }
    }
}

impl<S, Fut: Future> Beside<S, Fut> {
    pub(super) fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Event<S, Fut::Output>> {
        match self.project() {
            BesideProj::Waiting { delay } => delay.poll(cx).map(|()| Event::Due),
            BesideProj::Calling { response, call } => {
                let result = ready!(response.poll(cx));
                Poll::Ready(Event::Result(result, call.take().expect(ONCE)))
            }
        }
    }
}

pub(super) fn sleep(time: Duration) -> Pin<Box<Sleep>> {
    Box::pin(tokio::time::sleep(time))
}
