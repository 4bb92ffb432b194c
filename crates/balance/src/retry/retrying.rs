use std::{fmt, sync::Arc, time::Duration};

use crate::{
    clock::Moment,
    dice::Dice,
    recover::{Again, Attempts, Elsewhere, Next, Recover, sealed::Sealed},
    retry::{Retry, RetryRule},
};

/// Requests go on by `F`, and if that doesn't help are sent again by the rule of a [`Retry`].
pub struct Retrying<R, F> {
    common: Arc<Common<R>>,
    failover: F,
}

/// What all requests share.
struct Common<R> {
    retry: Retry<R>,
    random: Dice,
}

/// One request's retries.
pub struct Retries<Req, R, A> {
    common: Arc<Common<R>>,
    failover: A,
    copy: Option<Req>,
    made: u32,
}

impl<R, F> Retrying<R, F> {
    pub(crate) fn new(retry: Retry<R>, failover: F) -> Self {
        Self { common: Arc::new(Common { retry, random: Dice::new() }), failover }
    }
}

impl<R, F> Sealed for Retrying<R, F> {}

impl<Req, Res, E, R, F> Recover<Req, Res, E> for Retrying<R, F>
where
    R: RetryRule<Req, Res, E>,
    F: Recover<Req, Res, E>,
{
    type Attempts = Retries<Req, R, F::Attempts>;

    fn begin(&self, now: impl Fn() -> Moment) -> Self::Attempts {
        self.common.retry.budget.deposit(now());
        let failover = self.failover.begin(now);
        Retries { common: Arc::clone(&self.common), failover, copy: None, made: 0 }
    }
}

impl<Req, Res, E, R, A> Attempts<Req, Res, E> for Retries<Req, R, A>
where
    R: RetryRule<Req, Res, E>,
    A: Attempts<Req, Res, E>,
{
    fn sending(&mut self, request: &Req) {
        self.failover.sending(request);
        let is_last = self.made >= self.common.retry.attempts;
        self.copy = if is_last { None } else { self.common.retry.rule.copy(request) };
    }

    fn patience(&self) -> Option<Duration> {
        self.copy.as_ref().and(self.common.retry.per_try_timeout)
    }

    fn after(&mut self, result: Result<Res, E>, elsewhere: &impl Elsewhere) -> Next<Req, Res, E> {
        let result = match self.failover.after(result, elsewhere) {
            Next::Done(result) => result,
            again => return again,
        };
        if !self.common.retry.rule.is_retryable(result.as_ref()) {
            return Next::Done(result);
        }
        match self.again(elsewhere) {
            Some(again) => Next::Again(again),
            None => Next::Done(result),
        }
    }

    fn after_timeout(&mut self, elsewhere: &impl Elsewhere) -> Option<Again<Req>> {
        // An endpoint that is ejected or full is no better than one that takes long.
        if !elsewhere.has_room() {
            return None;
        }
        self.again(elsewhere)
    }
}

impl<Req, R, A> Retries<Req, R, A> {
    /// The request again, if there is a copy, another endpoint, and enough left in the budget: asked in this order, so
    /// that nothing is spent for nothing.
    fn again(&mut self, elsewhere: &impl Elsewhere) -> Option<Again<Req>> {
        let Common { retry, random } = &*self.common;
        if self.copy.is_none() || !elsewhere.is_any() || !retry.budget.withdraw(elsewhere.now()) {
            return None;
        }
        let after = Some(retry.backoff.delay(self.made, random));
        self.made += 1;
        self.copy.take().map(|request| Again { request, after })
    }
}

impl<R, F: Clone> Clone for Retrying<R, F> {
    fn clone(&self) -> Self {
        Self { common: Arc::clone(&self.common), failover: self.failover.clone() }
    }
}

impl<R, F: fmt::Debug> fmt::Debug for Retrying<R, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retrying")
            .field("retry", &self.common.retry)
            .field("failover", &self.failover)
            .finish()
    }
}

impl<Req, R, A> fmt::Debug for Retries<Req, R, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retries").field("made", &self.made).finish_non_exhaustive()
    }
}
