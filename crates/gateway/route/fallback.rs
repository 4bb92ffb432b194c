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
/// asked could be connected to. Requests for which there was no room stay with the pool and its error: more load on the
/// other one would take both down.
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
mod tests {
    use std::num::NonZeroU32;
    use std::time::Duration;

    use balance::{Balance, Entry, Limit, RoundRobin, Settings};
    use tower::service_fn;

    use super::*;

    #[derive(Clone, Copy, Debug)]
    enum Conduct {
        Answers,
        Refuses,
        Breaks,
        Hangs,
    }

    #[derive(Debug)]
    struct Failed(Option<&'static str>);

    impl TryFrom<Failed> for &'static str {
        type Error = Failed;

        fn try_from(failed: Failed) -> Result<Self, Failed> {
            failed.0.ok_or(Failed(None))
        }
    }

    impl From<Failed> for BoxError {
        fn from(_: Failed) -> Self {
            "it broke".into()
        }
    }

    type Answer = Result<String, Failed>;

    fn endpoint(
        conduct: Conduct,
    ) -> impl Service<&'static str, Response = String, Error = Failed, Future: Send> + Clone {
        service_fn(move |request: &'static str| async move {
            let answer: Answer = match conduct {
                Conduct::Answers => Ok(format!("first: {request}")),
                Conduct::Refuses => Err(Failed(Some(request))),
                Conduct::Breaks => Err(Failed(None)),
                Conduct::Hangs => std::future::pending().await,
            };
            answer
        })
    }

    fn other() -> impl Service<&'static str, Response = String, Error = BoxError, Future: Send> + Clone {
        service_fn(async |request: &'static str| Ok(format!("other: {request}")))
    }

    #[tokio::test]
    async fn only_what_was_not_sent_goes_to_the_other() {
        for (conduct, expected) in [
            (vec![Conduct::Answers], Some("first: hello")),
            (vec![], Some("other: hello")),
            (vec![Conduct::Refuses], Some("other: hello")),
            (vec![Conduct::Refuses, Conduct::Refuses], Some("other: hello")),
            (vec![Conduct::Refuses, Conduct::Answers], Some("first: hello")),
            (vec![Conduct::Breaks], None),
        ] {
            let pool = Balance::round_robin(conduct.iter().copied().map(endpoint)).failover(1).giving_back();
            let answer = FallbackLayer::to(other()).layer(pool).oneshot("hello").await;
            assert_eq!(answer.ok().as_deref(), expected, "{conduct:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_finds_no_room_stays() {
        let limit = Limit::new(NonZeroU32::MIN).queue(0, Duration::ZERO);
        let settings = Settings::new().limit(limit);
        let entries = [Entry::new(endpoint(Conduct::Hangs))];
        let pool = Balance::with(settings, RoundRobin::new(), entries).failover(1).giving_back();
        let service = FallbackLayer::to(other()).layer(pool);
        let first = tokio::spawn(service.clone().oneshot("first"));
        tokio::task::yield_now().await;
        assert!(service.oneshot("second").await.unwrap_err().is::<Overloaded>());
        first.abort();
    }
}
