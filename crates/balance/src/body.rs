use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::Response;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::{completion::Completion, endpoint::InFlight};

/// A request is over when its response's *body* is: read to its end, failed, or dropped.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct OnBodyEnd;

impl<B: Body, S> Completion<Response<B>, S> for OnBodyEnd {
    type Response = Response<TrackedBody<B, S>>;

    fn track(response: Response<B>, in_flight: InFlight<S>) -> Self::Response {
        response.map(|body| {
            let in_flight = (!body.is_end_stream()).then_some(in_flight);
            TrackedBody { body, in_flight }
        })
    }
}

pin_project! {
    /// A response body that keeps its request in flight until it ends. Frames, trailers and hints pass unchanged.
    pub struct TrackedBody<B, S> {
        #[pin]
        body: B,
        in_flight: Option<InFlight<S>>,
    }
}

impl<B: Body, S> Body for TrackedBody<B, S> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        let frame = ready!(this.body.as_mut().poll_frame(cx));
        if let (Some(Err(_)), Some(in_flight)) = (&frame, &this.in_flight) {
            in_flight.endpoint().count_failure();
        }
        // hyper doesn't poll again once `is_end_stream`, and may keep the body for a while.
        if !matches!(frame, Some(Ok(_))) || this.body.is_end_stream() {
            *this.in_flight = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B, S> fmt::Debug for TrackedBody<B, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrackedBody").field("in_flight", &self.in_flight).finish_non_exhaustive()
    }
}
