use std::{fmt, sync::Arc, time::Duration};

use crate::{
    clock::Moment,
    dice::Dice,
    recover::{Again, Attempts, Elsewhere, Next, Recover, sealed::Sealed},
    retry::{Retry, RetryRule},
};

/// Sends requests on by `F` and, if that doesn't help, again by the rule of a [`Retry`].
pub struct Retrying<R, F> {
    /// `None` if no request is ever sent again. Requests then pay nothing for retries.
    common: Option<Arc<Common<R>>>,
    failover: F,
}

/// What all requests of a pool share.
struct Common<R> {
    retry: Retry<R>,
    random: Dice,
}

/// The retries of one request.
pub struct Retries<Req, R, A> {
    common: Option<Arc<Common<R>>>,
    failover: A,
    /// Boxed, because the future that has it is moved often, and few requests are copied.
    copy: Option<Box<Req>>,
    made: u32,
}

impl<R, F> Retrying<R, F> {
    pub(crate) fn new(retry: Retry<R>, failover: F) -> Self {
        let common = (retry.attempts > 0).then(|| Arc::new(Common { retry, random: Dice::new() }));
        Self { common, failover }
    }
}

impl<R, F> Retrying<R, F> {
    /// How many retries the budget allows. `None` if no request is ever sent again.
    pub(crate) fn left(&self, now: Moment) -> Option<u64> {
        self.common.as_ref().map(|common| common.retry.budget.left(now))
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
        if let Some(common) = &self.common {
            common.retry.budget.deposit(now());
        }
        let failover = self.failover.begin(now);
        Retries { common: self.common.clone(), failover, copy: None, made: 0 }
    }
}

impl<Req, Res, E, R, A> Attempts<Req, Res, E> for Retries<Req, R, A>
where
    R: RetryRule<Req, Res, E>,
    A: Attempts<Req, Res, E>,
{
    fn sending(&mut self, request: &Req) {
        self.failover.sending(request);
        let left = self.common.as_ref().filter(|common| self.made < common.retry.attempts);
        self.copy = left.and_then(|common| common.retry.rule.copy(request)).map(Box::new);
    }

    fn patience(&self) -> Option<Duration> {
        self.copy.as_ref()?;
        self.common.as_ref()?.retry.per_try_timeout
    }

    fn is_final(&self, result: Result<&Res, &E>) -> bool {
        self.failover.is_final(result) && !self.is_retryable(result)
    }

    fn after(&mut self, result: Result<Res, E>, elsewhere: &impl Elsewhere) -> Next<Req, Res, E> {
        let result = match self.failover.after(result, elsewhere) {
            Next::Done(result) => result,
            again => return again,
        };
        match self.is_retryable(result.as_ref()).then(|| self.again(elsewhere)).flatten() {
            Some(again) => Next::Retried(again, result),
            None => Next::Done(result),
        }
    }

    fn after_timeout(&mut self, elsewhere: &impl Elsewhere) -> Option<Again<Req>> {
        // An endpoint that is ejected or full is no better than one that is slow.
        if !elsewhere.has_room() {
            return None;
        }
        self.again(elsewhere)
    }
}

impl<Req, R, A> Retries<Req, R, A> {
    fn is_retryable<Res, E>(&self, result: Result<&Res, &E>) -> bool
    where
        R: RetryRule<Req, Res, E>,
    {
        self.common.as_ref().is_some_and(|common| common.retry.rule.is_retryable(result))
    }

    /// Returns the request for a retry, if there is a copy, another endpoint, and enough in the budget. The budget
    /// comes last, so that it pays only for retries that are made.
    fn again(&mut self, elsewhere: &impl Elsewhere) -> Option<Again<Req>> {
        let Common { retry, random } = self.common.as_deref()?;
        if self.copy.is_none() || !elsewhere.is_any() || !retry.budget.withdraw(elsewhere.now()) {
            return None;
        }
        let after = Some(retry.backoff.delay(self.made, random));
        self.made += 1;
        self.copy.take().map(|request| Again { request: *request, after })
    }
}

impl<R, F: Clone> Clone for Retrying<R, F> {
    fn clone(&self) -> Self {
        Self { common: self.common.clone(), failover: self.failover.clone() }
    }
}

impl<R, F: fmt::Debug> fmt::Debug for Retrying<R, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retrying")
            .field("retry", &self.common.as_ref().map(|common| &common.retry))
            .field("failover", &self.failover)
            .finish()
    }
}

impl<Req, R, A> fmt::Debug for Retries<Req, R, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retries").field("made", &self.made).finish_non_exhaustive()
    }
}
