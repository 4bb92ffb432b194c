mod backoff;
mod budget;
mod retrying;
mod rule;

pub use self::{backoff::Backoff, budget::Budget, retrying::Retrying, rule::RetryRule};

use std::{fmt, time::Duration};

/// When and how often requests are sent again: by a rule, to an endpoint not tried yet, after a backoff, and only as long
/// as the pool's budget lasts.
///
/// It is for requests that may have been sent. One that an endpoint gives back *unsent* goes on by
/// [`failover`](crate::Balance::failover), at once and at no cost to the budget; where both are set, that is tried first.
pub struct Retry<R> {
    rule: R,
    attempts: u32,
    per_try_timeout: Option<Duration>,
    backoff: Backoff,
    budget: Budget,
}

impl<R> Retry<R> {
    /// Up to one retry by `rule`, with the default [`Backoff`] and [`Budget`], and no timeout of its own.
    pub fn new(rule: R) -> Self {
        let (backoff, budget) = (Backoff::new(), Budget::new());
        Self { rule, attempts: 1, per_try_timeout: None, backoff, budget }
    }

    /// At most `n` retries a request, each to another endpoint. 0 is none.
    pub fn attempts(self, n: u32) -> Self {
        Self { attempts: n, ..self }
    }

    /// Leaves an endpoint that hasn't answered after `time`, and blames it, where the request may be sent to another; the
    /// last that is left is waited for as long as the caller does.
    pub fn per_try_timeout(self, time: Duration) -> Self {
        Self { per_try_timeout: Some(time), ..self }
    }

    /// How long to wait before a retry.
    pub fn backoff(self, backoff: Backoff) -> Self {
        Self { backoff, ..self }
    }

    /// How many retries the pool may make in all.
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
