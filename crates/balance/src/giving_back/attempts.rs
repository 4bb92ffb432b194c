use std::time::Duration;

use crate::{
    clock::Moment,
    failover::Unsent,
    outcome::Outcome,
    recover::{Again, Attempts, Elsewhere, Next, Recover, sealed::Sealed},
};

/// Sends requests on by `F`, and gives back to the caller those that were not sent in the end.
#[derive(Clone, Copy, Debug)]
pub struct Returning<F> {
    first: F,
}

/// One request that may be given back.
#[derive(Debug)]
pub struct Returned<A> {
    first: A,
    stay: Stay,
    /// What it was before two calls were under way.
    before_hedge: Option<Stay>,
}

/// Whether a request may be given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stay {
    /// Nothing of it was sent.
    Free,
    /// Something may have been sent, or an endpoint that isn't to blame didn't take it.
    Here,
}

impl<F> Returning<F> {
    pub(crate) fn after(first: F) -> Self {
        Self { first }
    }
}

impl<F> Sealed for Returning<F> {}

impl<Req, Res, E, F> Recover<Req, Res, E> for Returning<F>
where
    E: Unsent<Req>,
    F: Recover<Req, Res, E>,
{
    type Attempts = Returned<F::Attempts>;

    fn begin(&self, now: impl Fn() -> Moment) -> Self::Attempts {
        Returned { first: self.first.begin(now), stay: Stay::Free, before_hedge: None }
    }
}

impl<Req, Res, E, A> Attempts<Req, Res, E> for Returned<A>
where
    E: Unsent<Req>,
    A: Attempts<Req, Res, E>,
{
    fn sending(&mut self, request: &Req) {
        self.first.sending(request);
    }

    fn patience(&self) -> Option<Duration> {
        self.first.patience()
    }

    fn hedge_after(&mut self, now: impl FnOnce() -> Moment) -> Option<Duration> {
        self.first.hedge_after(now)
    }

    fn hedge(&mut self, elsewhere: &impl Elsewhere) -> Option<Req> {
        let request = self.first.hedge(elsewhere)?;
        self.before_hedge = Some(self.stay);
        self.stay = Stay::Here;
        Some(request)
    }

    fn hedge_in_vain(&mut self, elsewhere: &impl Elsewhere) {
        if let Some(before) = self.before_hedge.take() {
            self.stay = before;
        }
        self.first.hedge_in_vain(elsewhere);
    }

    fn is_answer(&self, result: Result<&Res, &E>) -> bool {
        self.first.is_answer(result)
    }

    fn judged(&mut self, outcome: Outcome) {
        if outcome == Outcome::Neutral {
            self.stay = Stay::Here;
            self.before_hedge = None;
        }
    }

    fn set_aside(&mut self, result: Result<Res, E>) {
        if let Some(before) = self.before_hedge.take()
            && is_unsent(result)
        {
            self.stay = before;
        }
    }

    fn gives_back(&self) -> bool {
        self.stay == Stay::Free
    }

    fn answered(&mut self, result: Result<&Res, &E>, now: impl FnOnce() -> Moment) {
        self.first.answered(result, now);
    }

    fn is_final(&self, result: Result<&Res, &E>) -> bool {
        result.is_ok() && self.first.is_final(result)
    }

    fn after(&mut self, result: Result<Res, E>, elsewhere: &impl Elsewhere) -> Next<Req, Res, E> {
        match self.first.after(result, elsewhere) {
            Next::Retried(again, result) => {
                if !is_unsent(result) {
                    self.stay = Stay::Here;
                }
                Next::Again(again)
            }
            Next::Done(Err(error)) if self.stay == Stay::Free => match error.into_unsent() {
                Ok(request) => Next::GivenBack(request),
                Err(error) => Next::Done(Err(error)),
            },
            other => other,
        }
    }

    fn after_timeout(&mut self, elsewhere: &impl Elsewhere) -> Option<Again<Req>> {
        let again = self.first.after_timeout(elsewhere)?;
        self.stay = Stay::Here;
        Some(again)
    }
}

fn is_unsent<Req, Res, E: Unsent<Req>>(result: Result<Res, E>) -> bool {
    result.is_err_and(|error| error.into_unsent().is_ok())
}
