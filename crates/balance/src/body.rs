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
    upgraded::{KeepUpgraded, UpgradeEndsIt},
};

/// A request is over when its response's *body* was read to its end, failed, or was dropped. Feature `http`.
///
/// Only then has the endpoint succeeded. [`ClassifyBody`] says what an error in the body means. A response that
/// switches protocols has no body: [`KeepUpgraded`] says when its request is over.
#[derive(Clone, Copy, Debug, Default)]
pub struct OnBodyEnd<K = ErrorsFail, U = UpgradeEndsIt> {
    classify: K,
    upgraded: U,
}

/// Says what an error in a response's body means for the health of the endpoint that sent it. Feature `http`.
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
    /// Every error counts as a failure of the endpoint.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<K> OnBodyEnd<K> {
    /// `classify` says which errors are failures of the endpoint.
    pub fn judged_by(classify: K) -> Self {
        Self { classify, upgraded: UpgradeEndsIt }
    }
}

impl<K, U> OnBodyEnd<K, U> {
    /// Keeps a request whose response switches protocols in flight for as long as `upgraded` says. The endpoint
    /// counts as having succeeded as soon as the response is there.
    ///
    /// ```
    /// # use std::{future::ready, sync::mpsc};
    /// # use balance::{BoxError, InFlight, OnBodyEnd, RoundRobinLayer};
    /// # use http::{Response, StatusCode};
    /// # use tower::{Layer, ServiceExt, service_fn};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), BoxError> {
    /// /// Stands in a response's extensions, and holds what has to live as long as the connection.
    /// #[derive(Clone)]
    /// struct Connection(mpsc::Sender<Box<dyn Send>>);
    ///
    /// let until_it_closes = |response: &Response<String>, in_flight: InFlight<_>| {
    ///     if let Some(connection) = response.extensions().get::<Connection>() {
    ///         let _ = connection.0.send(Box::new(in_flight));
    ///     }
    /// };
    /// let (connection, held) = mpsc::channel();
    /// let switch = move |()| {
    ///     let mut response = Response::new(String::new());
    ///     *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    ///     response.extensions_mut().insert(Connection(connection.clone()));
    ///     ready(Ok::<_, BoxError>(response))
    /// };
    /// let balance = RoundRobinLayer::new([()])
    ///     .completion(OnBodyEnd::new().upgraded(until_it_closes))
    ///     .layer(|()| service_fn(switch.clone()));
    /// let endpoint = balance.endpoints().snapshot().remove(0);
    ///
    /// drop(balance.oneshot(()).await?);
    /// assert_eq!(endpoint.in_flight(), 1);
    /// drop(held);
    /// assert_eq!(endpoint.in_flight(), 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn upgraded<V>(self, upgraded: V) -> OnBodyEnd<K, V> {
        OnBodyEnd { classify: self.classify, upgraded }
    }
}

impl<Req, B, E, S, K, U> Completion<Req, Response<B>, E, S> for OnBodyEnd<K, U>
where
    B: Body,
    K: Classify<Response<B>, E> + ClassifyBody<B::Error>,
    U: KeepUpgraded<B, S>,
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
        let is_upgraded = self.upgraded.is_upgraded(&response);
        let has_no_body = is_upgraded || has_come(response.body());
        if has_no_body {
            in_flight.report(Outcome::Success);
        }
        let in_flight = if is_upgraded {
            self.upgraded.keep(&response, in_flight);
            None
        } else {
            Some(in_flight).filter(|_| !has_no_body)
        };
        let classify = self.classify.clone();
        let mut response = response.map(|body| TrackedBody { body, in_flight, classify });
        if let Some(picked) = picked {
            response.extensions_mut().insert(picked);
        }
        response
    }
}

pin_project! {
    /// A response body that keeps its request in flight until the body ends. It passes frames, trailers and size
    /// hints on unchanged. Feature `http`.
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
            // Servers don't poll a body again after trailers or once it has come whole, and may keep it for a while.
            Some(Ok(frame)) => (frame.is_trailers() || has_come(&*this.body)).then_some(Outcome::Success),
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

/// Whether a body has come whole: it says so, or as many bytes have come as were announced. HTTP/2 marks the end
/// separately, for which servers of HTTP/1 don't wait then.
fn has_come(body: &impl Body) -> bool {
    body.is_end_stream() || body.size_hint().exact() == Some(0)
}

impl<B, S, K> fmt::Debug for TrackedBody<B, S, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrackedBody").field("in_flight", &self.in_flight).finish_non_exhaustive()
    }
}
