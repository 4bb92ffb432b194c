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
/// let limit = RateLimit {
///     name: "all".to_owned(),
///     requests: NonZeroU32::new(100).unwrap(),
///     per: Duration::from_secs(60),
///     burst: NonZeroU32::MIN,
///     key: RateKey::Route,
///     keys: 8,
///     shared: false,
/// };
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
    pub fn new(counters: impl IntoIterator<Item = Arc<Counter>>) -> Self {
        let counters: Arc<[_]> = counters.into_iter().collect();
        let limits: Vec<_> = counters.iter().map(|counter| counter.limit().clone()).collect();
        Self { counters, policies: policies(&limits), common: None }
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

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
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
