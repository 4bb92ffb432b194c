//! Which requests go to a second upstream while the first one doesn't answer.

use axum::body::Body;
use axum::http::{Request, Response};
use balance::{Budget, Hedge, RetryRule};
use proxy_service::{Failed, Informational};

use super::affinity::Sticky;
use super::again::Again;
use crate::config::{HedgeAfter, Pool};
use crate::peer::Bound;

/// Hedges safe requests (RFC 9110 §9.2.1) that [`Again`] would retry. One that belongs to a certain upstream, by the cookie
/// of `affinity` or by its connection (NTLM), waits for that one.
#[derive(Clone, Debug, Default)]
pub struct Hedged {
    again: Again,
}

impl Hedged {
    /// Hedges what may be sent again so.
    pub fn as_by(again: Again) -> Self {
        Self { again }
    }
}

/// The hedges that the configuration of a pool asks for.
pub(super) fn hedge(pool: &Pool) -> Option<Hedge<Hedged>> {
    let hedge = pool.hedge.as_ref()?;
    let rule = Hedged::as_by(Again::of(pool.retries.as_ref()));
    let budget =
        Budget::new().percent(hedge.budget_percent.into()).min_per_second(hedge.budget_min_per_second);
    let made = match hedge.after {
        HedgeAfter::Time(time) => Hedge::after(time, rule),
        HedgeAfter::Percentile(percent) => Hedge::after_percentile(percent, rule),
    };
    Some(made.budget(budget))
}

impl<B> RetryRule<Request<Body>, Response<B>, Failed<Request<Body>>> for Hedged {
    fn copy(&self, request: &Request<Body>) -> Option<Request<Body>> {
        if !request.method().is_safe() || has_its_upstream(request) {
            return None;
        }
        let again: &dyn RetryRule<_, Response<B>, _> = &self.again;
        let mut copy = again.copy(request)?;
        // Interim answers come from the first upstream only.
        copy.extensions_mut().remove::<Informational>();
        Some(copy)
    }

    fn is_retryable(&self, result: Result<&Response<B>, &Failed<Request<Body>>>) -> bool {
        self.again.is_retryable(result)
    }
}

fn has_its_upstream(request: &Request<Body>) -> bool {
    let extensions = request.extensions();
    let is_bound = || extensions.get::<Bound>().is_some_and(|Bound(connection)| connection.is_bound());
    extensions.get::<Sticky>().is_some() || is_bound()
}
