//! One stream: a request, and its answer.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use h2::Reason;
use h2::server::SendResponse;
use http::Response;
use http::header::CONTENT_LENGTH;
use http_body::Body;
use pin_project_lite::pin_project;
use tower::BoxError;
use tracing::debug;

use super::activity::Resetter;
use super::head::prepared;
use super::interim::Interim;
use super::piece::Piece;
use super::sending::Sending;
use super::streams::InFlight;
use super::tunnel::Asked;

pin_project! {
    /// Waits for the app's answer and sends it. It ends early if the client resets the stream.
    pub(super) struct Exchange<F, B> {
        #[pin]
        state: State<F, B>,
        respond: SendResponse<Piece>,
        patience: Duration,
        // Boxed, because few streams ask for a tunnel.
        tunnel: Option<Box<Asked>>,
        in_flight: Option<InFlight>,
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
        interim: Interim,
        respond: SendResponse<Piece>,
        patience: Duration,
        in_flight: InFlight,
    ) -> Self {
        let state = State::Awaited { answer, interim };
        Self { state, respond, patience, tunnel: None, in_flight: Some(in_flight) }
    }

    /// If the app's answer is a 2xx, the stream becomes this tunnel.
    pub(super) fn or_tunnel(mut self, asked: Option<Asked>) -> Self {
        self.tunnel = asked.map(Box::new);
        self
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
                Projected::Sending { sending } => {
                    return sending.poll(cx).map(|ended| note(this.in_flight.as_ref(), ended));
                }
                Projected::Awaited { answer, interim } => {
                    match (answer.poll(cx), interim.poll_pass_on(this.respond, cx)) {
                        (Poll::Ready(answer), _what_was_sent_before) => answer,
                        (Poll::Pending, Poll::Ready(())) => continue,
                        (Poll::Pending, Poll::Pending) => {
                            let left = this.respond.poll_reset(cx);
                            return left.map(|_| note(this.in_flight.as_ref(), Some(Resetter::Client)));
                        }
                    }
                }
            };
            let (mut head, body) = prepared(answer);
            let tunnel = this.tunnel.take().filter(|_| head.status().is_success());
            if tunnel.is_some() {
                head.headers_mut().remove(CONTENT_LENGTH);
            }
            let is_over = tunnel.is_none() && body.is_end_stream();
            match (this.respond.send_response(head, is_over), tunnel) {
                (Ok(stream), Some(tunnel)) => {
                    tunnel.begin(stream, this.in_flight.take());
                    return Poll::Ready(());
                }
                (Ok(_), None) if is_over => return Poll::Ready(()),
                (Ok(stream), None) => {
                    let sending = Sending::new(body, stream, *this.patience);
                    this.state.set(State::Sending { sending });
                }
                (Err(error), _) => {
                    debug!(%error, "an answer can't be sent");
                    this.respond.send_reset(Reason::INTERNAL_ERROR);
                    note(this.in_flight.as_ref(), Some(Resetter::Gateway));
                    return Poll::Ready(());
                }
            }
        }
    }
}

/// Counts the reset that has ended a stream, if one has.
fn note(in_flight: Option<&InFlight>, reset_by: Option<Resetter>) {
    if let Some((in_flight, by)) = in_flight.zip(reset_by) {
        in_flight.was_reset(by);
    }
}

#[cfg(test)]
mod tests;
