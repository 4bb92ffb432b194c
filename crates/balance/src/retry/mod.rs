mod backoff;
mod budget;
mod retrying;
mod rule;

pub use self::{backoff::Backoff, budget::Budget, retrying::Retrying, rule::RetryRule};

use std::{fmt, time::Duration};

/// Which requests are sent again, how often and when.
///
/// A rule decides which ones. Each retry goes to an endpoint that wasn't tried yet, after a backoff, and only if
/// the pool's budget allows it.
///
/// Retries are for requests that may have been sent. A request that an endpoint gives back *unsent* goes on by
/// [`failover`](crate::Balance::failover), at once and at no cost to the budget. If both are set, failover is tried
/// first.
pub struct Retry<R> {
    rule: R,
    attempts: u32,
    per_try_timeout: Option<Duration>,
    backoff: Backoff,
    budget: Budget,
}

impl<R> Retry<R> {
    /// At most one retry by `rule`, with the default [`Backoff`] and [`Budget`], and no timeout for one try.
    pub fn new(rule: R) -> Self {
        let (backoff, budget) = (Backoff::new(), Budget::new());
        Self { rule, attempts: 1, per_try_timeout: None, backoff, budget }
    }

    /// Makes at most `n` retries for each request. 0 is none.
    pub fn attempts(self, n: u32) -> Self {
        Self { attempts: n, ..self }
    }

    /// Gives up an endpoint that hasn't answered after `time`, and counts that as its failure, if the request may
    /// be sent to another endpoint. The last endpoint that is left is waited for as long as the caller waits.
    pub fn per_try_timeout(self, time: Duration) -> Self {
        Self { per_try_timeout: Some(time), ..self }
    }

    /// The pause before a retry.
    pub fn backoff(self, backoff: Backoff) -> Self {
        Self { backoff, ..self }
    }

    /// How many retries the whole pool may make.
    pub fn budget(self, budget: Budget) -> Self {
        Self { budget, ..self }
    }
}

impl<R: Clone> Clone for Retry<R> {
    fn clone(&self) -> Self {
        Self { rule: self.rule.clone(), budget: self.budget.clone(), ..*self }
    }
}

impl<R> fmt::Debug for Retry<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retry")
            .field("attempts", &self.attempts)
            .field("per_try_timeout", &self.per_try_timeout)
            .field("backoff", &self.backoff)
            .field("budget", &self.budget)
            .finish_non_exhaustive()
    }
}
