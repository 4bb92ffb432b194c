use std::time::Duration;

use crate::{
    clock::Moment,
    failover::Unsent,
    recover::{Again, Attempts, Elsewhere, Next, Recover, sealed::Sealed},
    resent::By,
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
    /// Whether something of the request may have been sent.
    was_sent: bool,
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
        Returned { first: self.first.begin(now), was_sent: false }
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
        let request = self.first.hedge(elsewhere);
        self.was_sent |= request.is_some();
        request
    }

    fn is_answer(&self, result: Result<&Res, &E>) -> bool {
        self.first.is_answer(result)
    }

    fn gives_back(&self) -> bool {
        !self.was_sent
    }

    fn after(&mut self, result: Result<Res, E>, elsewhere: &impl Elsewhere) -> Next<Req, Res, E> {
        match self.first.after(result, elsewhere) {
            Next::Again(again) => {
                self.was_sent |= again.by() == By::Retry;
                Next::Again(again)
            }
            Next::Done(Err(error)) if !self.was_sent => match error.into_unsent() {
                Ok(request) => Next::GivenBack(request),
                Err(error) => Next::Done(Err(error)),
            },
            other => other,
        }
    }

    fn after_timeout(&mut self, elsewhere: &impl Elsewhere) -> Option<Again<Req>> {
        let again = self.first.after_timeout(elsewhere);
        self.was_sent |= again.is_some();
        again
    }
}
