//! `Admitted`: what layers have in common that let a request pass or answer it themselves.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::Body;
use axum::http::{Request, Response};
use pin_project_lite::pin_project;
use tower::Service;

/// What a limit says of a request.
pub trait Ruling {
    /// The answer to the request if it doesn't pass.
    fn refusal<B>(&self, request: &Request<B>) -> Option<Response<Body>>;

    /// Adds to the answer what clients are told, and follows the request to its end if it has passed.
    #[must_use]
    fn close(self, answer: Response<Body>) -> Response<Body>;
}

type Asking<R> = Pin<Box<dyn Future<Output = R> + Send>>;

pin_project! {
    /// The future of a layer that lets a request pass or answers it itself.
    #[must_use = "futures do nothing unless polled"]
    pub struct Admitted<S, B, R>
    where
        S: Service<Request<B>>,
    {
        #[pin]
        state: State<S, B, S::Future, R>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S, B, F, R> {
        Asking { asking: Asking<R>, next: Option<(S, Request<B>)> },
        Passed { #[pin] response: F, ruling: Option<R> },
        Refused { answer: Option<(Response<Body>, R)> },
    }
}

impl<S: Service<Request<B>>, B, R: Ruling> State<S, B, S::Future, R> {
    fn of(ruling: R, service: &mut S, request: Request<B>) -> Self {
        match ruling.refusal(&request) {
            Some(answer) => Self::Refused { answer: Some((answer, ruling)) },
            None => Self::Passed { response: service.call(request), ruling: Some(ruling) },
        }
    }
}

impl<S: Service<Request<B>>, B, R: Ruling> Admitted<S, B, R> {
    /// It is known already whether the request passes. The service has to be ready.
    pub(super) fn now(ruling: R, service: &mut S, request: Request<B>) -> Self {
        Self { state: State::of(ruling, service, request) }
    }

    /// It isn't known yet. The service has to be ready, and it is called once it is known.
    pub(super) fn later(asking: Asking<R>, service: &mut S, request: Request<B>) -> Self
    where
        S: Clone,
    {
        let next = service.clone();
        let ready = std::mem::replace(service, next);
        Self { state: State::Asking { asking, next: Some((ready, request)) } }
    }
}

impl<S, B, R> Future for Admitted<S, B, R>
where
    S: Service<Request<B>, Response = Response<Body>>,
    R: Ruling,
{
    type Output = Result<Response<Body>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            match this.state.as_mut().project() {
                StateProjection::Asking { asking, next } => {
                    let ruling = ready!(asking.as_mut().poll(cx));
                    let (mut service, request) = next.take().expect("a future isn't polled after it is done");
                    let state = State::of(ruling, &mut service, request);
                    this.state.set(state);
                }
                StateProjection::Passed { response, ruling } => {
                    let answer = ready!(response.poll(cx))?;
                    let ruling = ruling.take().expect("a future isn't polled after it is done");
                    return Poll::Ready(Ok(ruling.close(answer)));
                }
                StateProjection::Refused { answer } => {
                    let (answer, ruling) = answer.take().expect("a future isn't polled after it is done");
                    return Poll::Ready(Ok(ruling.close(answer)));
                }
            }
        }
    }
}

impl<S: Service<Request<B>>, B, R> fmt::Debug for Admitted<S, B, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admitted").finish_non_exhaustive()
    }
}
