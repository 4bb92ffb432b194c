//! One stream: a request, and its answer.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use h2::Reason;
use h2::server::SendResponse;
use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;
use tower::BoxError;
use tracing::debug;

use super::head::prepared;
use super::interim::Interim;
use super::piece::Piece;
use super::sending::Sending;
use super::streams::InFlight;
use crate::serve::interim::Interims;

pin_project! {
    /// Waits for the app's answer and sends it. It ends early if the client resets the stream.
    pub(super) struct Exchange<F, B> {
        #[pin]
        state: State<F, B>,
        respond: SendResponse<Piece>,
        patience: Duration,
        _in_flight: InFlight,
    }
}

pin_project! {
    #[project = Projected]
    enum State<F, B> {
        Awaited { #[pin] answer: F, interim: Interim },
        Sending { #[pin] sending: Sending<B> },
    }
}

impl<F, B> Exchange<F, B> {
    /// `patience` is how long the client may leave no room for the answer.
    pub(super) fn new(
        answer: F,
        interims: Interims,
        respond: SendResponse<Piece>,
        patience: Duration,
        in_flight: InFlight,
    ) -> Self {
        let interim = Interim::new(interims);
        Self { state: State::Awaited { answer, interim }, respond, patience, _in_flight: in_flight }
    }
}

impl<F, B> Future for Exchange<F, B>
where
    F: Future<Output = Response<B>>,
    B: Body<Error: Into<BoxError>>,
{
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        loop {
            let answer = match this.state.as_mut().project() {
                Projected::Sending { sending } => return sending.poll(cx),
                Projected::Awaited { answer, interim } => {
                    match (answer.poll(cx), interim.poll_pass_on(this.respond, cx)) {
                        (Poll::Ready(answer), _what_was_sent_before) => answer,
                        (Poll::Pending, Poll::Ready(())) => continue,
                        (Poll::Pending, Poll::Pending) => {
                            return this.respond.poll_reset(cx).map(|_the_client_left| ());
                        }
                    }
                }
            };
            let (head, body) = prepared(answer);
            let is_over = body.is_end_stream();
            match this.respond.send_response(head, is_over) {
                Ok(_) if is_over => return Poll::Ready(()),
                Ok(stream) => {
                    let sending = Sending::new(body, stream, *this.patience);
                    this.state.set(State::Sending { sending });
                }
                Err(error) => {
                    debug!(%error, "an answer can't be sent");
                    this.respond.send_reset(Reason::INTERNAL_ERROR);
                    return Poll::Ready(());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
