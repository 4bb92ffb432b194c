mod answer_times;
mod hedging;

pub use self::hedging::Hedging;

use std::{fmt, time::Duration};

use crate::retry::Budget;

/// Which requests are sent to a second endpoint while the first one has not answered, and when.
///
/// The idea is from Dean and Barroso, "The Tail at Scale" (2013): a request that takes longer than most is sent to
/// another endpoint as well. The first answer is taken, and the other call is dropped, which says nothing about its
/// endpoint.
///
/// A [`RetryRule`](crate::RetryRule) decides which requests may be sent twice, and which results are no answer: after
/// one of those, the other call is waited for. A request is hedged once at most, only if there is another endpoint that
/// is neither ejected nor full and takes it at once, and only if the [`Budget`] allows it. A request that fails in the
/// end can still be [retried](crate::Balance::retry).
pub struct Hedge<R> {
    rule: R,
    after: After,
    budget: Budget,
}

/// How long a request waits for its first endpoint.
#[derive(Clone, Copy, Debug)]
enum After {
    Time(Duration),
    Percentile(u8),
}

impl<R> Hedge<R> {
    /// Sends a second request after `time` without an answer.
    pub fn after(time: Duration, rule: R) -> Self {
        Self { rule, after: After::Time(time), budget: share_of_requests() }
    }

    /// Sends a second request once the first has taken longer than `percent` of the pool's latest answers; 1 to 99, a
    /// value outside is moved to the nearer end.
    ///
    /// Only requests that may be hedged are measured. The time is found anew every second, from at least 200 answers
    /// and to within an eighth above; before the first 200 nothing is hedged. Timers have steps of 1 ms, so it is never
    /// less than that.
    pub fn after_percentile(percent: u8, rule: R) -> Self {
        Self { rule, after: After::Percentile(percent.clamp(1, 99)), budget: share_of_requests() }
    }

    /// How many requests of the whole pool may be sent a second time. By default these are 5 in 100, and at least one a
    /// second. It is a budget of its own, beside that of retries.
    pub fn budget(self, budget: Budget) -> Self {
        Self { budget, ..self }
    }
}

fn share_of_requests() -> Budget {
    Budget::new().percent(5).min_per_second(1)
}

impl<R: Clone> Clone for Hedge<R> {
    fn clone(&self) -> Self {
        Self { rule: self.rule.clone(), after: self.after, budget: self.budget.clone() }
    }
}

impl<R> fmt::Debug for Hedge<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hedge")
            .field("after", &self.after)
            .field("budget", &self.budget)
            .finish_non_exhaustive()
    }
}
