//! `RateLimitLayer`: refuses what comes too often, and tells clients how much is left.

use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::{HeaderValue, Request, Response};
use tower::{Layer, Service};

use super::common::{Common, Question};
use super::counter::Counter;
use super::decision::policies;
use super::verdict::Verdict;
use crate::route::admitted::Admitted;

/// Answers requests that come too often with 429 and `Retry-After`, and tells all clients how much is left
/// (`RateLimit`, `RateLimit-Policy` of draft-ietf-httpapi-ratelimit-headers-10).
///
/// A request passes if no limit refuses it, and only then it is counted, by each of them. Each clone of the layer counts
/// with the same counters.
///
/// Clients are told apart by the [`Peer`](proxy_service::Peer) of their requests, which
/// [`PeerLayer`](proxy_service::PeerLayer) makes of what a server says. Without it all are one client. Behind a proxy of
/// yours, put a [`TrustedProxiesLayer`](crate::route::TrustedProxiesLayer) in front as well.
///
/// ```
/// # use std::num::NonZeroU32;
/// # use std::sync::Arc;
/// # use std::time::Duration;
/// # use axum::{body::Body, http::{Request, Response}};
/// # use tower::{Layer, ServiceExt, service_fn};
/// use gateway::config::{RateKey, RateLimit};
/// use gateway::route::limits::{Counter, RateLimitLayer};
///
/// # tokio_test(async {
/// let hundred = NonZeroU32::new(100).unwrap();
/// let limit = RateLimit::new(hundred, Duration::from_secs(60), RateKey::Route);
/// let limit = RateLimit { name: "all".to_owned(), burst: NonZeroU32::MIN, ..limit };
/// let limited = RateLimitLayer::new([Arc::new(Counter::new(limit))]);
/// # let service = service_fn(|_: Request<Body>| async { Ok::<_, std::convert::Infallible>(Response::new(Body::empty())) });
/// let service = limited.layer(service);
/// let ask = || service.clone().oneshot(Request::new(Body::empty()));
/// assert_eq!(ask().await.unwrap().headers()["ratelimit"], "\"all\";r=0;t=1");
/// assert_eq!(ask().await.unwrap().status(), 429);
/// # });
/// # fn tokio_test(test: impl Future<Output = ()>) { tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(test) }
/// ```
#[derive(Clone, Debug)]
pub struct RateLimitLayer {
    counters: Arc<[Arc<Counter>]>,
    policies: HeaderValue,
    common: Option<Common>,
}

impl RateLimitLayer {
    /// Counts with these.
    ///
    /// # Panics
    /// If the [name](crate::config::RateLimit::name) of a limit can't stand in a header field.
    pub fn new(counters: impl IntoIterator<Item = Arc<Counter>>) -> Self {
        let counters: Arc<[_]> = counters.into_iter().collect();
        let limits: Vec<_> = counters.iter().map(|counter| counter.limit().clone()).collect();
        Self { counters, policies: policies(&limits), common: None }
    }

    /// Asks this server for the limits that are [`shared`](crate::config::RateLimit::shared). Without it they count in this
    /// process. Feature `redis`.
    ///
    /// ```
    /// # use std::num::NonZeroU32;
    /// # use std::sync::Arc;
    /// # use std::time::Duration;
    /// use gateway::config::{RateKey, RateLimit, Redis};
    /// use gateway::route::limits::{Common, Counter, RateLimitLayer};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let (common, keeping) = Common::at(&Redis::at("redis://127.0.0.1:6379")).ok_or("not a URL")?;
    /// tokio::spawn(keeping);
    /// let limit = RateLimit::new(NonZeroU32::MIN, Duration::from_secs(1), RateKey::Client);
    /// let counter = Counter::new(RateLimit { shared: true, ..limit });
    /// let layer = RateLimitLayer::new([Arc::new(counter)]).shared_in(&common.of_route("api"));
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "redis")]
    #[must_use]
    pub fn shared_in(self, common: &Common) -> Self {
        self.asking(Some(common.clone()))
    }

    /// Asks here for limits that several gateways share.
    pub(crate) fn asking(self, common: Option<Common>) -> Self {
        let is_needed = self.counters.iter().any(|counter| counter.limit().shared);
        Self { common: common.filter(|_| is_needed), ..self }
    }
}

impl<S> Layer<S> for RateLimitLayer {
    type Service = RateLimited<S>;

    fn layer(&self, inner: S) -> RateLimited<S> {
        RateLimited { inner, layer: self.clone() }
    }
}

/// The service of a [`RateLimitLayer`].
#[derive(Clone, Debug)]
pub struct RateLimited<S> {
    inner: S,
    layer: RateLimitLayer,
}

impl<S, B> Service<Request<B>> for RateLimited<S>
where
    S: Service<Request<B>, Response = Response<Body>> + Clone,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Admitted<S, B, Verdict>;

    /// This is always ready. The future asks the inner service for readiness once the request may pass: one that is refused
    /// must neither wait for a place there nor take one.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let RateLimitLayer { counters, policies, common } = &self.layer;
        let (parts, body) = request.into_parts();
        if let Some(common) = common {
            let questions: Vec<_> =
                counters.iter().map(|counter| Question::of(counter, common, &parts)).collect();
            let (common, counters, policies) = (common.clone(), Arc::clone(counters), policies.clone());
            let asking = async move { Verdict::of(&counters, &policies, common.decide(&questions).await) };
            return Admitted::later(Box::pin(asking), &mut self.inner, Request::from_parts(parts, body));
        }
        let mut said = Vec::with_capacity(counters.len());
        for counter in &**counters {
            said.push(counter.ask(&parts));
            if said.last().is_some_and(|said| said.decision.refuses()) {
                break;
            }
        }
        let verdict = Verdict::of(counters, policies, said);
        Admitted::now(verdict, &mut self.inner, Request::from_parts(parts, body))
    }
}
