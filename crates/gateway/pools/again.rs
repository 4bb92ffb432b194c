//! Which requests are sent again.

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::UPGRADE;
use axum::http::{Request, Response, StatusCode};
use balance::{Backoff, Budget, Retry, RetryRule};
use http_body::Body as _;
use proxy_service::{Failed, Side, has_connection_bound_credentials};

use crate::config::Retries;
use crate::route::limits::Replay;

/// Retries idempotent requests (RFC 9110 §9.2.2) that have no body, or one that a route's `buffer` holds. A request is sent
/// again after a status that the configuration names, and after an error that is the upstream's fault. A request with NTLM or Negotiate credentials
/// is never sent again, since those are valid on one connection only.
#[derive(Clone, Debug)]
pub struct Again {
    statuses: Arc<[StatusCode]>,
}

impl Again {
    /// After these statuses, and after errors.
    pub fn on(statuses: impl IntoIterator<Item = StatusCode>) -> Self {
        Self { statuses: statuses.into_iter().collect() }
    }

    /// With the statuses of these retries, or else the usual ones.
    pub(super) fn of(retries: Option<&Retries>) -> Self {
        retries.map_or_else(Self::default, |retries| Self::on(retries.statuses.iter().copied()))
    }
}

/// After the statuses that [`Retries`] has by default, and after errors.
impl Default for Again {
    fn default() -> Self {
        Self::on(Retries::default().statuses)
    }
}

/// The retries that the configuration of a pool asks for. `None` means no retries.
pub(super) fn retry(retries: Option<&Retries>) -> Retry<Again> {
    let rule = Again::of(retries);
    let Some(retries) = retries else {
        return Retry::new(rule).attempts(0);
    };
    let budget =
        Budget::new().percent(retries.budget_percent.into()).min_per_second(retries.budget_min_per_second);
    let retry = Retry::new(rule)
        .attempts(retries.attempts)
        .backoff(Backoff::new().base(retries.backoff).cap(retries.max_backoff))
        .budget(budget);
    match retries.per_try_timeout {
        Some(time) => retry.per_try_timeout(time),
        None => retry,
    }
}

impl<B> RetryRule<Request<Body>, Response<B>, Failed<Request<Body>>> for Again {
    fn copy(&self, request: &Request<Body>) -> Option<Request<Body>> {
        let read = request.extensions().get::<Replay>();
        let is_repeatable = request.method().is_idempotent()
            && (request.body().is_end_stream() || read.is_some())
            && !request.headers().contains_key(UPGRADE)
            && !has_connection_bound_credentials(request.headers());
        if !is_repeatable {
            return None;
        }
        let mut copy = Request::new(read.map_or_else(Body::empty, Replay::body));
        copy.method_mut().clone_from(request.method());
        copy.uri_mut().clone_from(request.uri());
        *copy.version_mut() = request.version();
        copy.headers_mut().clone_from(request.headers());
        copy.extensions_mut().clone_from(request.extensions());
        Some(copy)
    }

    fn is_retryable(&self, result: Result<&Response<B>, &Failed<Request<Body>>>) -> bool {
        match result {
            Ok(response) => self.statuses.contains(&response.status()),
            Err(failed) => failed.error().kind().side() == Side::Upstream,
        }
    }
}
