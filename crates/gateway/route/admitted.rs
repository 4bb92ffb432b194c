//! `Admitted`: what layers have in common that let a request pass or answer it themselves.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::Body;
use axum::http::{Request, Response};
use pin_project_lite::pin_project;
use tower::Service;
use tower::util::Oneshot;

/// What a layer says of a request.
pub trait Ruling {
    /// The answer to the request if it doesn't pass.
    fn refusal<B>(&self, request: &Request<B>) -> Option<Response<Body>>;

    /// Changes a request that passes. By default it goes on as it is.
    fn enter<B>(&mut self, _: &mut Request<B>) {}

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
        state: State<S, B, R>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S, B, R>
    where
        S: Service<Request<B>>,
    {
        Asking { asking: Asking<R>, next: Option<(S, Request<B>)> },
        Passed { #[pin] response: Oneshot<S, Request<B>>, ruling: Option<R> },
        Refused { answer: Option<(Response<Body>, R)> },
    }
}

impl<S: Service<Request<B>>, B, R: Ruling> State<S, B, R> {
    fn of(mut ruling: R, service: S, mut request: Request<B>) -> Self {
        if let Some(answer) = ruling.refusal(&request) {
            return Self::Refused { answer: Some((answer, ruling)) };
        }
        ruling.enter(&mut request);
        Self::Passed { response: Oneshot::new(service, request), ruling: Some(ruling) }
    }
}

impl<S: Service<Request<B>> + Clone, B, R: Ruling> Admitted<S, B, R> {
    /// It is known already whether the request passes. Only then is the service asked whether it is ready.
    pub(super) fn now(ruling: R, service: &mut S, request: Request<B>) -> Self {
        Self { state: State::of(ruling, taken(service), request) }
    }

    /// It isn't known yet. The service is asked whether it is ready once it is known.
    pub(super) fn later(asking: Asking<R>, service: &mut S, request: Request<B>) -> Self {
        Self { state: State::Asking { asking, next: Some((taken(service), request)) } }
    }
}

/// The service itself, which may be ready: a clone of it needn't be.
fn taken<S: Clone>(service: &mut S) -> S {
    let next = service.clone();
    std::mem::replace(service, next)
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
                    let (service, request) = next.take().expect("a future isn't polled after it is done");
                    this.state.set(State::of(ruling, service, request));
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

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::future::{Ready, ready};
    use std::task::Waker;

    use super::*;

    /// A service whose clones aren't ready, whatever it was itself.
    struct Once {
        is_ready: bool,
    }

    impl Clone for Once {
        fn clone(&self) -> Self {
            Self { is_ready: false }
        }
    }

    impl Service<Request<()>> for Once {
        type Response = Response<Body>;
        type Error = Infallible;
        type Future = Ready<Result<Response<Body>, Infallible>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            self.is_ready = true;
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, request: Request<()>) -> Self::Future {
            assert!(std::mem::take(&mut self.is_ready), "it was called before it was ready");
            assert!(request.extensions().get::<Entered>().is_some());
            ready(Ok(Response::new(Body::empty())))
        }
    }

    #[derive(Clone)]
    struct Entered;

    struct Passes(bool);

    impl Ruling for Passes {
        fn refusal<B>(&self, _: &Request<B>) -> Option<Response<Body>> {
            (!self.0).then(|| Response::builder().status(403).body(Body::empty()).unwrap())
        }

        fn enter<B>(&mut self, request: &mut Request<B>) {
            request.extensions_mut().insert(Entered);
        }

        fn close(self, mut answer: Response<Body>) -> Response<Body> {
            answer.headers_mut().insert("x-closed", 1.into());
            answer
        }
    }

    #[test]
    fn what_passes_is_changed_and_finds_the_service_ready() {
        let mut cx = Context::from_waker(Waker::noop());
        for is_ready in [false, true] {
            for (passes, status) in [(true, 200), (false, 403)] {
                let request = || Request::new(());
                let now = Admitted::now(Passes(passes), &mut Once { is_ready }, request());
                let asking = Box::pin(async move { Passes(passes) });
                let later = Admitted::later(asking, &mut Once { is_ready }, request());
                for mut future in [Box::pin(now), Box::pin(later)] {
                    let Poll::Ready(Ok(answer)) = future.as_mut().poll(&mut cx) else { panic!("it waits") };
                    assert_eq!(
                        (answer.status().as_u16(), answer.headers().contains_key("x-closed")),
                        (status, true)
                    );
                }
            }
        }
    }
}
