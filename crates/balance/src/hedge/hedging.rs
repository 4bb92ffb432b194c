use std::{fmt, sync::Arc, time::Duration};

use super::{After, Hedge, answer_times::AnswerTimes};
use crate::{
    clock::Moment,
    recover::{Again, Attempts, Elsewhere, Next, Recover, sealed::Sealed},
    retry::{RetryRule, Retrying},
};

/// Sends requests to a second endpoint as a [`Hedge`] says, and otherwise on by `F`.
pub struct Hedging<R, F> {
    /// `None` if no request is ever hedged. Requests then pay nothing for it.
    common: Option<Arc<Common<R>>>,
    otherwise: F,
}

/// What all requests of a pool share.
struct Common<R> {
    hedge: Hedge<R>,
    /// What [`After::Percentile`] is found from.
    times: Option<AnswerTimes>,
}

/// The hedge of one request.
pub struct Hedges<Req, R, A> {
    common: Option<Arc<Common<R>>>,
    otherwise: A,
    /// Boxed, because the future that has it is moved often.
    copy: Option<Box<Req>>,
    /// When it was sent, if the time to its answer is measured.
    sent: Option<Moment>,
    is_hedged: bool,
}

impl<R, F> Hedging<R, F> {
    pub(crate) fn new(hedge: Option<Hedge<R>>, otherwise: F) -> Self {
        let common = hedge.map(|hedge| {
            let times = match hedge.after {
                After::Time(_) => None,
                After::Percentile(percent) => Some(AnswerTimes::new(percent)),
            };
            Arc::new(Common { hedge, times })
        });
        Self { common, otherwise }
    }

    /// How many hedges the budget allows. `None` if no request is ever hedged.
    pub(crate) fn left(&self, now: Moment) -> Option<u64> {
        self.common.as_ref().map(|common| common.hedge.budget.left(now))
    }
}

impl<H, R, F> Hedging<H, Retrying<R, F>> {
    pub(crate) fn retries_left(&self, now: Moment) -> Option<u64> {
        self.otherwise.left(now)
    }
}

impl<R> Common<R> {
    /// How long a request waits for its first endpoint. `None` while that isn't known.
    fn delay(&self) -> Option<Duration> {
        match self.hedge.after {
            After::Time(time) => Some(time),
            After::Percentile(_) => self.times.as_ref()?.at_percentile(),
        }
    }
}

impl<R, F> Sealed for Hedging<R, F> {}

impl<Req, Res, E, R, F> Recover<Req, Res, E> for Hedging<R, F>
where
    R: RetryRule<Req, Res, E>,
    F: Recover<Req, Res, E>,
{
    type Attempts = Hedges<Req, R, F::Attempts>;

    fn begin(&self, now: impl Fn() -> Moment) -> Self::Attempts {
        if let Some(common) = &self.common {
            common.hedge.budget.deposit(now());
        }
        let otherwise = self.otherwise.begin(now);
        Hedges { common: self.common.clone(), otherwise, copy: None, sent: None, is_hedged: false }
    }
}

impl<Req, Res, E, R, A> Attempts<Req, Res, E> for Hedges<Req, R, A>
where
    R: RetryRule<Req, Res, E>,
    A: Attempts<Req, Res, E>,
{
    fn sending(&mut self, request: &Req) {
        self.otherwise.sending(request);
        let common = self.common.as_ref().filter(|_| !self.is_hedged);
        self.copy = common.and_then(|common| common.hedge.rule.copy(request)).map(Box::new);
    }

    fn patience(&self) -> Option<Duration> {
        self.otherwise.patience()
    }

    fn hedge_after(&mut self, now: impl FnOnce() -> Moment) -> Option<Duration> {
        let common = self.common.as_ref()?;
        self.copy.as_ref()?;
        self.sent = common.times.as_ref().map(|_| now());
        let delay = common.delay();
        if delay.is_none() {
            self.copy = None;
        }
        delay
    }

    fn hedge(&mut self, elsewhere: &impl Elsewhere) -> Option<Req> {
        let common = self.common.as_ref()?;
        let copy = self.copy.take()?;
        if !elsewhere.has_room() || !common.hedge.budget.withdraw(elsewhere.now()) {
            return None;
        }
        self.is_hedged = true;
        Some(*copy)
    }

    fn hedge_in_vain(&mut self, elsewhere: &impl Elsewhere) {
        self.is_hedged = false;
        if let Some(common) = &self.common {
            common.hedge.budget.give_back(elsewhere.now());
        }
    }

    fn is_answer(&self, result: Result<&Res, &E>) -> bool {
        self.common.as_ref().is_none_or(|common| !common.hedge.rule.is_retryable(result))
    }

    fn answered(&mut self, result: Result<&Res, &E>, now: impl FnOnce() -> Moment) {
        if let Some(from) = self.sent.take()
            && let Some(Common { hedge, times: Some(times) }) = self.common.as_deref()
            && !hedge.rule.is_retryable(result)
        {
            let now = now();
            times.observe(now, now.since(from));
        }
    }

    fn is_final(&self, result: Result<&Res, &E>) -> bool {
        self.otherwise.is_final(result)
    }

    fn after(&mut self, result: Result<Res, E>, elsewhere: &impl Elsewhere) -> Next<Req, Res, E> {
        self.otherwise.after(result, elsewhere)
    }

    fn after_timeout(&mut self, elsewhere: &impl Elsewhere) -> Option<Again<Req>> {
        self.otherwise.after_timeout(elsewhere)
    }
}

impl<R, F: Clone> Clone for Hedging<R, F> {
    fn clone(&self) -> Self {
        Self { common: self.common.clone(), otherwise: self.otherwise.clone() }
    }
}

impl<R, F: fmt::Debug> fmt::Debug for Hedging<R, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hedging")
            .field("hedge", &self.common.as_ref().map(|common| &common.hedge))
            .field("otherwise", &self.otherwise)
            .finish()
    }
}

impl<Req, R, A> fmt::Debug for Hedges<Req, R, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hedges").field("is_hedged", &self.is_hedged).finish_non_exhaustive()
    }
}
