//! Another pool, for requests that the first one has nobody for.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::BoxError;
use balance::{Overloaded, Unserved};
use pin_project_lite::pin_project;
use tower::util::Oneshot;
use tower::{Layer, Service, ServiceExt};

/// Sends requests that a pool [gives back](balance::Balance::giving_back) to another service.
///
/// These are the requests of which nothing was sent: the pool has no endpoint, all are ejected, or none of those that were
/// asked could be connected to. Requests for which there was no room, in the pool or on connections, stay with the pool and
/// its error: more load on the other one would take both down.
///
/// ```
/// use balance::{Balance, BoxError};
/// use gateway::route::FallbackLayer;
/// use tower::{Layer, ServiceExt, service_fn};
/// # struct Failed;
/// # impl TryFrom<Failed> for &'static str {
/// #     type Error = Failed;
/// #     fn try_from(failed: Failed) -> Result<Self, Failed> { Err(failed) }
/// # }
/// # impl From<Failed> for BoxError {
/// #     fn from(_: Failed) -> Self { "it broke".into() }
/// # }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let first = service_fn(async |_: &'static str| Ok::<_, Failed>("the first"));
/// let other = service_fn(async |_: &'static str| Ok::<_, BoxError>("the other"));
/// let nobody = Balance::round_robin([first; 0]).giving_back();
/// assert_eq!(FallbackLayer::to(other).layer(nobody).oneshot("hello").await.unwrap(), "the other");
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct FallbackLayer<T> {
    other: T,
}

impl<T> FallbackLayer<T> {
    /// Requests that come back go to `other`.
    pub fn to(other: T) -> Self {
        Self { other }
    }
}

impl<S, T: Clone> Layer<S> for FallbackLayer<T> {
    type Service = Fallback<S, T>;

    fn layer(&self, first: S) -> Fallback<S, T> {
        Fallback { first, other: self.other.clone() }
    }
}

/// The service that [`FallbackLayer`] makes.
#[derive(Clone, Debug)]
pub struct Fallback<S, T> {
    first: S,
    other: T,
}

impl<Req, S, T> Service<Req> for Fallback<S, T>
where
    S: Service<Req, Error = Unserved<Req>>,
    T: Service<Req, Response = S::Response, Error: Into<BoxError>> + Clone,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = FallbackFuture<S::Future, T, Req>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.first.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, request: Req) -> Self::Future {
        let (first, other) = (self.first.call(request), Some(self.other.clone()));
        FallbackFuture { state: State::First { first, other } }
    }
}

pin_project! {
    /// The response future of [`Fallback`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct FallbackFuture<F, T, Req>
    where
        T: Service<Req>,
    {
        #[pin]
        state: State<F, T, Req>,
    }
}

pin_project! {
    #[project = StateProj]
    #[derive(Debug)]
    enum State<F, T, Req>
    where
        T: Service<Req>,
    {
        First { #[pin] first: F, other: Option<T> },
        Other { #[pin] other: Oneshot<T, Req> },
    }
}

impl<Req, Res, F, T> Future for FallbackFuture<F, T, Req>
where
    F: Future<Output = Result<Res, Unserved<Req>>>,
    T: Service<Req, Response = Res, Error: Into<BoxError>>,
{
    type Output = Result<Res, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let next = match state.as_mut().project() {
                StateProj::First { first, other } => match (ready!(first.poll(cx)), other.take()) {
                    (Ok(response), _) => return Poll::Ready(Ok(response)),
                    (Err(Unserved::GivenBack(request, why)), Some(other)) if !why.is::<Overloaded>() => {
                        State::Other { other: other.oneshot(request) }
                    }
                    (Err(error), _) => return Poll::Ready(Err(error.into())),
                },
                StateProj::Other { other } => return other.poll(cx).map_err(Into::into),
            };
            state.set(next);
        }
    }
}

#[cfg(test)]
mod tests;
