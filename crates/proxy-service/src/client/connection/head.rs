//! Sends a request, and waits for the head of its answer.

use std::future::poll_fn;
use std::task::{Context, Poll, ready};

use http::Response;
use http1::{Answer, Fault, RequestHead};

use super::super::interim::Interims;
use super::super::sent::{Payload, Sent};
use super::{Connection, Sending};
use crate::error::BoxError;
use crate::headers::framing::size_of;

/// Why a request got no answer.
pub(in crate::client) enum Failure {
    /// Not one byte of the request was sent, and its body was never polled.
    Unsent(BoxError),
    /// The connection or the request's body failed before anything of an answer came.
    Died(BoxError),
    /// The request can't be written in HTTP/1, or something came that isn't a whole answer. So the connection wasn't
    /// dead before the request, even if it was a reused one.
    Failed(BoxError),
}

/// The head of an answer, and how far the request's body has been sent.
pub(in crate::client) struct Answered<D> {
    pub(in crate::client) answer: Answer,
    pub(in crate::client) sending: Sending<D>,
}

impl Connection {
    /// Sends a request, and waits for the head of its answer.
    pub(in crate::client) async fn exchange<B: Payload>(
        &mut self,
        request: &mut Sent<B>,
    ) -> Result<Answered<B::Data>, Failure> {
        let size = size_of(request.body());
        let begun = self.wire.begin(RequestHead::from(&*request), size);
        begun.map_err(|unsendable| Failure::Failed(unsendable.into()))?;
        let mut sending = Sending::new(size);
        let mut interims = Interims::default();
        match poll_fn(|cx| self.poll_answer(request, &mut sending, &mut interims, cx)).await {
            Ok(answer) => Ok(Answered { answer, sending }),
            Err(error) if sending.is_untouched() && !self.wire.is_begun() => Err(Failure::Unsent(error)),
            Err(error) if self.has_begun_answer(&error) => Err(Failure::Failed(error)),
            Err(error) => Err(Failure::Died(error)),
        }
    }

    /// Whether anything of an answer came before this error.
    fn has_begun_answer(&self, error: &BoxError) -> bool {
        match error.downcast_ref::<Fault>() {
            Some(fault) => *fault != Fault::ClosedBeforeHead,
            None => self.wire.has_begun_answer(),
        }
    }

    fn poll_answer<B: Payload>(
        &mut self,
        request: &mut Sent<B>,
        sending: &mut Sending<B::Data>,
        interims: &mut Interims,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Answer, BoxError>> {
        loop {
            if let Poll::Ready(sent) = sending.poll(request.body_mut(), &mut self.wire, cx) {
                sent?;
            }
            // No more is read while the client doesn't take what came before.
            ready!(interims.poll_passed_on(cx));
            match ready!(self.wire.poll_head(cx))? {
                Answer::Interim(head) => {
                    interims.receive(Response::from_parts(head, ()), request.body_mut());
                }
                answer => return Poll::Ready(Ok(answer)),
            }
        }
    }
}
