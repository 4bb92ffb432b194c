use std::{fmt::Debug, time::Duration};

use crate::clock::Moment;
use crate::failover::{Failover, NoFailover, Unsent};
use crate::outcome::Outcome;
use crate::resent::By;

/// Decides whether a request is sent to another endpoint: [`NoFailover`], [`Failover`],
/// [`Retrying`](crate::Retrying) or [`Hedging`](crate::Hedging). This trait is sealed.
pub trait Recover<Req, Res, E>: Clone + Debug + sealed::Sealed {
    /// The state of one request.
    #[doc(hidden)]
    type Attempts: Attempts<Req, Res, E>;

    /// Begins a request.
    #[doc(hidden)]
    fn begin(&self, now: impl Fn() -> Moment) -> Self::Attempts;
}

/// One request on its way from endpoint to endpoint.
#[doc(hidden)]
pub trait Attempts<Req, Res, E> {
    /// Called before the request is sent.
    fn sending(&mut self, request: &Req);

    /// How long to wait for this endpoint's answer, if there is another endpoint to try.
    fn patience(&self) -> Option<Duration> {
        None
    }

    /// How long to wait for the answer to a request that is sent now, before it may be sent to a second endpoint as
    /// well.
    fn hedge_after(&mut self, now: impl FnOnce() -> Moment) -> Option<Duration> {
        let _ = now;
        None
    }

    /// Called when that time is over. Returns a request if it is to be sent to a second endpoint.
    fn hedge(&mut self, elsewhere: &impl Elsewhere) -> Option<Req> {
        let _ = elsewhere;
        None
    }

    /// Called if no endpoint took that request: then it is as if there had been none.
    fn hedge_in_vain(&mut self, elsewhere: &impl Elsewhere) {
        let _ = elsewhere;
    }

    /// Whether `result` is an answer, so that the call of a second endpoint is dropped and not waited for.
    fn is_answer(&self, result: Result<&Res, &E>) -> bool {
        let _ = result;
        true
    }

    /// Called with what each result says about its endpoint.
    fn judged(&mut self, outcome: Outcome) {
        let _ = outcome;
    }

    /// Called with the result of one of two calls if it is no answer, and the other call is waited for.
    fn set_aside(&mut self, result: Result<Res, E>) {
        drop(result);
    }

    /// Whether the request is given back to the caller if no endpoint takes it.
    fn gives_back(&self) -> bool {
        false
    }

    /// Called with the result that is waited for, before it is asked what comes after it.
    fn answered(&mut self, result: Result<&Res, &E>, now: impl FnOnce() -> Moment) {
        let _ = (result, now);
    }

    /// Whether `result` is the caller's, so that nothing comes after it. It is asked first, because each
    /// [`after`](Self::after) moves what it gets.
    fn is_final(&self, result: Result<&Res, &E>) -> bool;

    /// What to do after a result that isn't final.
    fn after(&mut self, result: Result<Res, E>, elsewhere: &impl Elsewhere) -> Next<Req, Res, E>;

    /// Called when [`patience`](Self::patience) is over. Returns a request if it should be sent elsewhere rather
    /// than waited for.
    fn after_timeout(&mut self, elsewhere: &impl Elsewhere) -> Option<Again<Req>> {
        let _ = elsewhere;
        None
    }
}

/// The other endpoints, for a request that was sent to one.
#[doc(hidden)]
pub trait Elsewhere {
    /// Whether there is an endpoint that the request wasn't sent to.
    fn is_any(&self) -> bool;

    /// Whether one of these is neither ejected nor full.
    fn has_room(&self) -> bool;

    /// The present time of the pool's clock.
    fn now(&self) -> Moment;
}

/// What to do with a request after an endpoint's result.
#[doc(hidden)]
#[derive(Debug)]
pub enum Next<Req, Res, E> {
    Done(Result<Res, E>),
    /// It was not sent, and another endpoint gets it.
    Again(Again<Req>),
    /// Another endpoint gets it, in spite of this result.
    Retried(Again<Req>, Result<Res, E>),
    /// It was not sent, and is for the caller to send elsewhere.
    GivenBack(Req),
}

/// A request to send again, and the pause before that.
#[doc(hidden)]
#[derive(Debug)]
pub struct Again<Req> {
    pub(crate) request: Req,
    pub(crate) after: Option<Duration>,
}

impl<Req> Again<Req> {
    /// A retry has a pause before it, if only one of no length.
    pub(crate) fn by(&self) -> By {
        if self.after.is_some() { By::Retry } else { By::Failover }
    }
}

impl<Req, Res, E> Recover<Req, Res, E> for NoFailover {
    type Attempts = Self;

    fn begin(&self, _: impl Fn() -> Moment) -> Self {
        *self
    }
}

impl<Req, Res, E> Attempts<Req, Res, E> for NoFailover {
    fn sending(&mut self, _: &Req) {}

    fn is_final(&self, _: Result<&Res, &E>) -> bool {
        true
    }

    fn after(&mut self, result: Result<Res, E>, _: &impl Elsewhere) -> Next<Req, Res, E> {
        Next::Done(result)
    }
}

impl<Req, Res, E: Unsent<Req>> Recover<Req, Res, E> for Failover {
    type Attempts = Self;

    fn begin(&self, _: impl Fn() -> Moment) -> Self {
        *self
    }
}

impl<Req, Res, E: Unsent<Req>> Attempts<Req, Res, E> for Failover {
    fn sending(&mut self, _: &Req) {}

    fn is_final(&self, result: Result<&Res, &E>) -> bool {
        result.is_ok()
    }

    fn after(&mut self, result: Result<Res, E>, elsewhere: &impl Elsewhere) -> Next<Req, Res, E> {
        match result {
            // This is asked first: an error that gave its request back is gone.
            Err(error) if self.left > 0 && elsewhere.is_any() => match error.into_unsent() {
                Ok(request) => {
                    self.left -= 1;
                    Next::Again(Again { request, after: None })
                }
                Err(error) => Next::Done(Err(error)),
            },
            done => Next::Done(done),
        }
    }
}

pub(crate) mod sealed {
    pub trait Sealed {}
    impl Sealed for super::NoFailover {}
    impl Sealed for super::Failover {}
}
