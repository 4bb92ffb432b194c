use std::{fmt::Debug, time::Duration};

use crate::clock::Moment;
use crate::failover::{Failover, NoFailover, Unsent};

/// Whether a request goes on to another endpoint: [`NoFailover`], [`Failover`] or [`Retry`](crate::Retry).
pub trait Recover<Req, Res, E>: Clone + Debug + sealed::Sealed {
    /// What is remembered of one request.
    #[doc(hidden)]
    type Attempts: Attempts<Req, Res, E>;

    /// Begins with a request.
    #[doc(hidden)]
    fn begin(&self, now: impl Fn() -> Moment) -> Self::Attempts;
}

/// One request on its way from endpoint to endpoint.
#[doc(hidden)]
pub trait Attempts<Req, Res, E> {
    /// It is about to be sent: the last look at it.
    fn sending(&mut self, request: &Req);

    /// How long to wait for this endpoint, where there would be a next one.
    fn patience(&self) -> Option<Duration> {
        None
    }

    /// What follows from `result`.
    fn after(&mut self, result: Result<Res, E>, elsewhere: &impl Elsewhere) -> Next<Req, Res, E>;

    /// The request again, if it should rather be sent elsewhere than waited for any longer.
    fn after_timeout(&mut self, elsewhere: &impl Elsewhere) -> Option<Again<Req>> {
        let _ = elsewhere;
        None
    }
}

/// The way on for a request that an endpoint is done with.
#[doc(hidden)]
pub trait Elsewhere {
    /// Whether there is any endpoint that it wasn't sent to.
    fn is_any(&self) -> bool;

    /// Whether there is one of those that would take it now, were it ready.
    fn has_room(&self) -> bool;

    /// The time now.
    fn now(&self) -> Moment;
}

/// What becomes of a request after one endpoint is done with it.
#[doc(hidden)]
#[derive(Debug)]
pub enum Next<Req, Res, E> {
    Done(Result<Res, E>),
    Again(Again<Req>),
}

/// A request that is to be sent again, at once or after a while.
#[doc(hidden)]
#[derive(Debug)]
pub struct Again<Req> {
    pub(crate) request: Req,
    pub(crate) after: Option<Duration>,
}

impl<Req, Res, E> Recover<Req, Res, E> for NoFailover {
    type Attempts = Self;

    fn begin(&self, _: impl Fn() -> Moment) -> Self {
        *self
    }
}

impl<Req, Res, E> Attempts<Req, Res, E> for NoFailover {
    fn sending(&mut self, _: &Req) {}

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

    fn after(&mut self, result: Result<Res, E>, elsewhere: &impl Elsewhere) -> Next<Req, Res, E> {
        match result {
            // Asked first, because an error that gave its request back is gone.
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
