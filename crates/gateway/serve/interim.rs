//! Interim (1xx) answers, from whoever handles a request to the task that answers it.

use std::task::{Context, Poll};

use http::Response;
use proxy_service::{Informational, InformationalError, InformationalSender};

use super::handoff::{Giver, Gone, Taker, handoff};

/// The interim answers that are sent before an answer, and what they are sent through. If it is dropped, whoever still
/// sends is told that the request is answered.
#[derive(Debug)]
pub(super) struct Interims {
    through: Informational,
    sent: Taker<Response<()>>,
}

impl Interims {
    pub(super) fn new() -> Self {
        let (giver, sent) = handoff();
        Self { through: Informational::new(ToConnection(giver)), sent }
    }

    /// The extension of a request whose interim answers come out here.
    pub(super) fn informational(&self) -> Informational {
        self.through.clone()
    }

    /// Whether nobody can send any more. Then it may be used for another request.
    pub(super) fn is_unshared(&mut self) -> bool {
        self.through.is_unshared()
    }

    /// Takes an interim answer, or waits for one. If one was taken, whoever sent it has to be polled again if it is in
    /// the same task: it isn't woken.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Response<()>> {
        match self.sent.poll_take(cx) {
            Poll::Ready(Some(interim)) => Poll::Ready(interim),
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }
}

struct ToConnection(Giver<Response<()>>);

impl InformationalSender for ToConnection {
    fn poll_room(&self, cx: &mut Context<'_>) -> Poll<Result<(), InformationalError>> {
        self.0.poll_room(cx).map_err(|Gone| InformationalError::Answered)
    }

    fn send(&self, interim: Response<()>, cx: &mut Context<'_>) -> Result<(), InformationalError> {
        self.0.give(interim, cx).map_err(|_| InformationalError::Answered)
    }
}
