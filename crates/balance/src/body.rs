use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::Response;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::{
    completion::Completion,
    in_flight::InFlight,
    outcome::{Classify, ErrorsFail, Outcome},
    picked::Picked,
};

/// A request is over when its response's *body* is: read to its end, failed, or dropped.
///
/// Only then has the endpoint succeeded; what an error in the body means, [`ClassifyBody`] says.
#[derive(Clone, Copy, Debug, Default)]
pub struct OnBodyEnd<K = ErrorsFail> {
    classify: K,
}

/// Says what an error in the body of a response means for the health of the endpoint that it came from.
pub trait ClassifyBody<E>: Clone {
    /// What `error` says about the endpoint.
    fn classify_body(&self, error: &E) -> Outcome;
}

impl<E> ClassifyBody<E> for ErrorsFail {
    fn classify_body(&self, _: &E) -> Outcome {
        Outcome::Failure
    }
}

impl OnBodyEnd {
    /// Blames the endpoint for each of its errors.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<K> OnBodyEnd<K> {
    /// With another idea of what a failure is.
    pub fn judged_by(classify: K) -> Self {
        Self { classify }
    }
}

impl<Req, B, E, S, K> Completion<Req, Response<B>, E, S> for OnBodyEnd<K>
where
    B: Body,
    K: Classify<Response<B>, E> + ClassifyBody<B::Error>,
{
    type Response = Response<TrackedBody<B, S, K>>;

    fn judge(&self, result: Result<&Response<B>, &E>) -> Outcome {
        self.classify.classify(result)
    }

    fn complete(
        &self,
        response: Response<B>,
        mut in_flight: InFlight<S>,
        picked: Option<Picked>,
    ) -> Self::Response {
        let mut response = response.map(|body| {
            if body.is_end_stream() {
                in_flight.report(Outcome::Success);
                return TrackedBody { body, in_flight: None, classify: self.classify.clone() };
            }
            TrackedBody { body, in_flight: Some(in_flight), classify: self.classify.clone() }
        });
        if let Some(picked) = picked {
            response.extensions_mut().insert(picked);
        }
        response
    }
}

pin_project! {
    /// A response body that keeps its request in flight until it ends. Frames, trailers and hints pass unchanged.
    pub struct TrackedBody<B, S, K = ErrorsFail> {
        #[pin]
        body: B,
        in_flight: Option<InFlight<S>>,
        classify: K,
    }
}

impl<B, S, K> Body for TrackedBody<B, S, K>
where
    B: Body,
    K: ClassifyBody<B::Error>,
{
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        let frame = ready!(this.body.as_mut().poll_frame(cx));
        let outcome = match &frame {
            Some(Err(error)) => Some(this.classify.classify_body(error)),
            None => Some(Outcome::Success),
            // hyper doesn't poll again after trailers or once `is_end_stream`, and may keep the body for a while.
            Some(Ok(frame)) => (frame.is_trailers() || this.body.is_end_stream()).then_some(Outcome::Success),
        };
        if let Some(outcome) = outcome
            && let Some(mut in_flight) = this.in_flight.take()
        {
            in_flight.report(outcome);
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

impl<B, S, K> fmt::Debug for TrackedBody<B, S, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrackedBody").field("in_flight", &self.in_flight).finish_non_exhaustive()
    }
}
