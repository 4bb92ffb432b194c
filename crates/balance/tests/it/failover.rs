//! Failover: only with a request that was given back, and never to the same endpoint twice.

use std::{
    future::{Ready, ready},
    sync::Arc,
    task::{Context, Poll},
};

use crate::support::{Ask, now};
use balance::{Balance, BoxError, Endpoint, Endpoints, Failover, RoundRobinLayer};
use tower::{Layer, Service};

/// A failure at an endpoint, perhaps with the request that was never sent.
#[derive(Debug)]
struct Failed {
    at: usize,
    request: Option<Ask>,
}

impl TryFrom<Failed> for Ask {
    type Error = Failed;
    fn try_from(failed: Failed) -> Result<Self, Failed> {
        let Failed { at, request } = failed;
        request.ok_or(Failed { at, request: None })
    }
}

impl From<Failed> for BoxError {
    fn from(failed: Failed) -> Self {
        format!("{} failed", failed.at).into()
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Conduct {
    Answers,
    /// Fails before it sent anything.
    Refuses,
    /// Fails after it sent something.
    Breaks,
}
use Conduct::{Answers, Breaks, Refuses};

/// Adds one to each request that it gets.
#[derive(Clone)]
struct Upstream(usize, Conduct);

impl Service<Ask> for Upstream {
    type Response = (usize, u32);
    type Error = Failed;
    type Future = Ready<Result<(usize, u32), Failed>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failed>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Ask) -> Self::Future {
        let Self(at, conduct) = *self;
        request.0.update(|handed| handed + 1);
        ready(match conduct {
            Answers => Ok((at, request.0.get())),
            Refuses => Err(Failed { at, request: Some(request) }),
            Breaks => Err(Failed { at, request: None }),
        })
    }
}

fn balance<const N: usize>(
    conducts: [Conduct; N],
    n: u32,
) -> Balance<Upstream, balance::RoundRobin, Failover> {
    RoundRobinLayer::new((0..).zip(conducts)).failover(n).layer(|(at, conduct)| Upstream(at, conduct))
}

fn requests<F>(balance: &Balance<Upstream, balance::RoundRobin, F>) -> Vec<u64> {
    balance.endpoints().snapshot().iter().map(|endpoint| endpoint.requests()).collect()
}

#[test]
fn a_request_that_was_given_back_goes_on_itself() {
    let mut balance = balance([Refuses, Answers], 1);
    // It is the same request: both endpoints have added one to it.
    assert_eq!(now(balance.call(Ask::new())).unwrap(), (1, 2));
    assert_eq!(requests(&balance), [1, 1]);
    let failed = &balance.endpoints().snapshot()[0];
    assert_eq!((failed.failures(), failed.in_flight()), (1, 0));
}

#[test]
fn one_that_may_have_been_sent_does_not() {
    let mut balance = balance([Breaks, Answers], 1);
    assert_eq!(now(balance.call(Ask::new())).unwrap_err().to_string(), "0 failed");
    assert_eq!(requests(&balance), [1, 0]);
}

#[test]
fn not_more_often_than_allowed() {
    for n in 0..3 {
        let mut balance = balance([Refuses, Refuses, Refuses, Answers], n);
        assert_eq!(now(balance.call(Ask::new())).unwrap_err().to_string(), format!("{n} failed"));
    }
    assert_eq!(now(balance([Refuses, Refuses, Refuses, Answers], 3).call(Ask::new())).unwrap(), (3, 4));
}

#[test]
fn never_to_the_same_endpoint_twice() {
    let mut balance = balance([Refuses, Refuses, Refuses], 99);
    assert_eq!(now(balance.call(Ask::new())).unwrap_err().to_string(), "2 failed");
    assert_eq!(requests(&balance), [1, 1, 1]);
}

#[test]
fn nor_twice_when_weights_would_have_it() {
    let layer = RoundRobinLayer::weighted([((0, Refuses), 5), ((1, Answers), 1)]).failover(1);
    let mut balance = layer.layer(|(at, conduct)| Upstream(at, conduct));
    assert_eq!(now(balance.call(Ask::new())).unwrap(), (1, 2));
    assert_eq!(requests(&balance), [1, 1]);
}

#[test]
fn without_another_endpoint_the_error_stays_the_first() {
    let mut alone = balance([Refuses], 3);
    assert_eq!(now(alone.call(Ask::new())).unwrap_err().to_string(), "0 failed");

    type Leave = fn(&Endpoints<Upstream>, &Arc<Endpoint<Upstream>>) -> bool;
    let ways_to_go: [Leave; 3] =
        [Endpoints::remove, Endpoints::drain, |endpoints, other| endpoints.set_weight(other, 0)];
    for leave in ways_to_go {
        let mut balance = balance([Refuses, Answers], 3);
        let endpoints = balance.endpoints();
        assert!(leave(&endpoints, &endpoints.snapshot()[1]));
        assert_eq!(now(balance.call(Ask::new())).unwrap_err().to_string(), "0 failed");
    }
}

#[test]
fn is_allowed_on_the_balancer_too() {
    let never = Balance::round_robin([Upstream(0, Refuses), Upstream(1, Answers)]);
    assert_eq!(now(never.clone().call(Ask::new())).unwrap_err().to_string(), "0 failed");
    // The same endpoints; now it is the turn of the second.
    assert_eq!(now(never.clone().failover(1).call(Ask::new())).unwrap(), (1, 1));
    assert_eq!(now(never.clone().failover(1).call(Ask::new())).unwrap(), (1, 2));
}
