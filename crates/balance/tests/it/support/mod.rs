//! Services for the balancer that are as strict as the contract of Tower allows.
#![allow(unreachable_pub, clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{
    cell::Cell,
    future::{Ready, ready},
    pin::pin,
    task::{Context, Poll, Waker},
};

use balance::BoxError;
use tower::Service;

/// A request that is neither `Clone` nor `Sync`: it can only be moved.
#[derive(Debug, PartialEq)]
pub struct Ask(pub Cell<u32>);

impl Ask {
    pub fn new() -> Self {
        Self(Cell::new(0))
    }
}

/// Answers with its own number. Readiness is lost on `Clone`, and a call before it panics.
#[derive(Debug)]
pub struct Numbered {
    pub number: usize,
    pub readiness: Readiness,
    was_ready: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Readiness {
    Always,
    Never,
    Broken,
}

impl Numbered {
    pub fn new(number: usize) -> Self {
        Self::with(number, Readiness::Always)
    }

    pub fn with(number: usize, readiness: Readiness) -> Self {
        Self { number, readiness, was_ready: false }
    }
}

impl Clone for Numbered {
    fn clone(&self) -> Self {
        Self::with(self.number, self.readiness)
    }
}

impl Service<Ask> for Numbered {
    type Response = usize;
    type Error = BoxError;
    type Future = Ready<Result<usize, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        match self.readiness {
            Readiness::Always => {
                self.was_ready = true;
                Poll::Ready(Ok(()))
            }
            Readiness::Never => Poll::Pending,
            Readiness::Broken => Poll::Ready(Err(format!("{} is broken", self.number).into())),
        }
    }

    fn call(&mut self, _: Ask) -> Self::Future {
        assert!(std::mem::take(&mut self.was_ready), "called before it was ready");
        ready(Ok(self.number))
    }
}

/// The output of a future that has nothing to wait for.
pub fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it waits"),
    }
}

/// Sends one request and says who answered.
pub fn ask<B>(balance: &mut B) -> usize
where
    B: Service<Ask, Response = usize, Error = BoxError>,
{
    now(balance.call(Ask::new())).unwrap()
}
