//! Every interleaving of a pick with a change of the set or of all targets, of two picks, and of the end of a request
//! with a drain.
//!
//! `RUSTFLAGS="--cfg loom" cargo test -p balance --test loom --release`
//!
//! A binary of its own, because none of the other tests can run with the types of loom in the balancer.
#![cfg(loom)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

#[path = "it/support/mod.rs"]
#[allow(dead_code, reason = "these tests use a part of it")]
mod support;

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use balance::{Balance, BoxError, Clock, Endpoints, Health, Outliers, RoundRobin, Settings};
use loom::thread;
use support::{Ask, Numbered, Readiness, now};
use tower::Service;

fn explore(model: impl Fn() + Send + Sync + 'static) {
    // The number of preemptions is not bounded unless LOOM_MAX_PREEMPTIONS says so.
    loom::model::Builder::new().check(model);
}

fn explore_in_part(model: impl Fn() + Send + Sync + 'static) {
    let mut bounded = loom::model::Builder::new();
    bounded.preemption_bound = Some(3);
    bounded.check(model);
}

fn pool(endpoints: usize) -> (Balance<Numbered>, Endpoints<Numbered>) {
    let balance = Balance::round_robin((0..endpoints).map(Numbered::new));
    let endpoints = balance.endpoints();
    (balance, endpoints)
}

fn answer(mut balance: Balance<Numbered>) -> Option<usize> {
    now(balance.call(Ask::new())).ok()
}

#[test]
fn tickets_are_given_out_once() {
    explore(|| {
        let (balance, endpoints) = pool(3);
        let others = [0, 1].map(|_| {
            let balance = balance.clone();
            thread::spawn(move || answer(balance))
        });
        let mut answers = vec![answer(balance)];
        answers.extend(others.map(|other| other.join().unwrap()));
        answers.sort_unstable();
        assert_eq!(answers, [Some(0), Some(1), Some(2)]);
        assert!(endpoints.snapshot().iter().all(|endpoint| endpoint.in_flight() == 0));
    });
}

#[test]
fn turns_that_are_skipped_are_nobody_else_s() {
    explore(|| {
        let readiness = [Readiness::Always, Readiness::Never, Readiness::Always];
        let services = (0..).zip(readiness).map(|(number, readiness)| Numbered::with(number, readiness));
        let balance = Balance::round_robin(services);
        let endpoints = balance.endpoints();
        let other = {
            let balance = balance.clone();
            thread::spawn(move || assert!(answer(balance.clone()).is_some() && answer(balance).is_some()))
        };
        assert!(answer(balance.clone()).is_some() && answer(balance).is_some());
        other.join().unwrap();
        let served: Vec<u64> = endpoints.snapshot().iter().map(|endpoint| endpoint.requests()).collect();
        assert_eq!(served, [2, 0, 2]);
    });
}

#[test]
fn a_pick_that_races_an_insertion_stays_in_one_set() {
    explore(|| {
        let (balance, endpoints) = pool(1);
        let inserting = thread::spawn(move || drop(endpoints.insert(Numbered::new(1))));
        let during = [answer(balance.clone()), answer(balance.clone())];
        inserting.join().unwrap();
        assert!(during.iter().all(|answer| matches!(answer, Some(0 | 1))), "{during:?}");
        let mut after = [answer(balance.clone()), answer(balance)];
        after.sort_unstable();
        assert_eq!(after, [Some(0), Some(1)]);
    });
}

#[test]
fn a_pick_that_races_a_removal_stays_in_one_set() {
    explore(|| {
        let (balance, endpoints) = pool(2);
        let removed = Arc::clone(&endpoints.snapshot()[1]);
        let removing = {
            let removed = Arc::clone(&removed);
            thread::spawn(move || {
                assert!(endpoints.remove(&removed));
                removed.requests()
            })
        };
        let during = [answer(balance.clone()), answer(balance.clone())];
        assert!(during.iter().all(|answer| matches!(answer, Some(0 | 1))), "{during:?}");
        removing.join().unwrap();
        assert_eq!([answer(balance.clone()), answer(balance)], [Some(0), Some(0)]);
        assert_eq!(removed.in_flight(), 0);
    });
}

/// Three threads of up to three operations each: all interleavings with at most 3 preemptions. Without a bound it had
/// not ended after 4 minutes.
#[test]
fn two_pickers_and_a_changer() {
    explore_in_part(|| {
        let (balance, endpoints) = pool(2);
        let removed = Arc::clone(&endpoints.snapshot()[0]);
        let picking = {
            let balance = balance.clone();
            thread::spawn(move || [answer(balance.clone()), answer(balance)])
        };
        let changing = {
            let (endpoints, removed) = (endpoints.clone(), Arc::clone(&removed));
            thread::spawn(move || {
                endpoints.insert(Numbered::new(2));
                assert!(endpoints.remove(&removed));
            })
        };
        let mut during = vec![answer(balance.clone())];
        during.extend(picking.join().unwrap());
        changing.join().unwrap();
        assert!(during.iter().all(|answer| matches!(answer, Some(0..=2))), "{during:?}");
        let mut after = [answer(balance.clone()), answer(balance)];
        after.sort_unstable();
        assert_eq!(after, [Some(1), Some(2)]);
        let requests =
            removed.requests() + endpoints.snapshot().iter().map(|left| left.requests()).sum::<u64>();
        assert_eq!((requests, removed.in_flight()), (5, 0));
    });
}

#[test]
fn removing_the_only_one_is_an_answer_not_a_hang() {
    explore(|| {
        let (balance, endpoints) = pool(1);
        let only = Arc::clone(&endpoints.snapshot()[0]);
        let removing = thread::spawn(move || assert!(endpoints.remove(&only)));
        assert!(matches!(answer(balance.clone()), Some(0) | None));
        removing.join().unwrap();
        assert_eq!(answer(balance), None);
    });
}

#[test]
fn changes_that_race_do_not_lose_each_other() {
    explore(|| {
        let (balance, endpoints) = pool(1);
        let first = Arc::clone(&endpoints.snapshot()[0]);
        let removing = {
            let (endpoints, first) = (endpoints.clone(), Arc::clone(&first));
            thread::spawn(move || assert!(endpoints.remove(&first)))
        };
        let second = endpoints.insert(Numbered::new(1));
        assert!(endpoints.set_weight(&second, 5));
        removing.join().unwrap();
        let left: Vec<_> =
            endpoints.snapshot().iter().map(|left| (left.service().number, left.weight())).collect();
        assert_eq!(left, [(1, 5)]);
        assert_eq!(answer(balance), Some(1));
    });
}

#[test]
fn a_pick_that_races_a_set_of_targets_stays_in_one_set() {
    explore(|| {
        let balance = Balance::round_robin([]);
        let mut targets = balance.endpoints().by_target(Numbered::new);
        targets.set([(0, 1), (1, 1)]);
        let left = Arc::clone(&balance.endpoints().snapshot()[0]);
        let setting = {
            let left = Arc::clone(&left);
            thread::spawn(move || {
                targets.set([(1, 1), (2, 1)]);
                (left.in_flight() == 0).then(|| left.requests())
            })
        };
        let during = [answer(balance.clone()), answer(balance.clone())];
        assert!(during.iter().all(|answer| matches!(answer, Some(0..=2))), "{during:?}");
        let at_rest = setting.join().unwrap();
        let mut after = [answer(balance.clone()), answer(balance)];
        after.sort_unstable();
        assert_eq!(after, [Some(1), Some(2)]);
        let begun = at_rest.is_some_and(|requests| left.requests() != requests);
        assert!(!begun, "asked after it had left and was at rest");
        assert_eq!(left.in_flight(), 0);
    });
}

#[test]
fn a_pick_that_races_the_replacement_of_all_targets_finds_one() {
    explore(|| {
        let balance = Balance::round_robin([]);
        let mut targets = balance.endpoints().by_target(Numbered::new);
        targets.set([(0, 1)]);
        let setting = thread::spawn(move || assert!(targets.set([(1, 1)])));
        assert!(matches!(answer(balance.clone()), Some(0 | 1)));
        setting.join().unwrap();
        assert_eq!(answer(balance), Some(1));
    });
}

#[test]
fn a_set_of_targets_and_an_insertion_do_not_lose_each_other() {
    explore(|| {
        let balance = Balance::<Numbered>::round_robin([]);
        let endpoints = balance.endpoints();
        let mut targets = endpoints.by_target(Numbered::new);
        targets.set([(0, 1)]);
        let setting = thread::spawn(move || assert!(targets.set([(1, 3)])));
        endpoints.insert(Numbered::new(2));
        setting.join().unwrap();
        let mut left: Vec<_> =
            endpoints.snapshot().iter().map(|left| (left.service().number, left.weight())).collect();
        left.sort_unstable();
        assert_eq!(left, [(1, 3), (2, 1)]);
    });
}

/// It fails as long as the test says so.
#[derive(Clone)]
struct Breaks(Arc<std::sync::atomic::AtomicBool>);

impl Service<Ask> for Breaks {
    type Response = usize;
    type Error = BoxError;
    type Future = std::future::Ready<Result<usize, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Ask) -> Self::Future {
        let is_broken = self.0.load(std::sync::atomic::Ordering::Relaxed);
        std::future::ready(if is_broken { Err("broken".into()) } else { Ok(0) })
    }
}

/// One request is the trial of the endpoint. The other finds that out, and no other endpoint: it is sent there as a
/// last resort. With at most 3 preemptions, because a request has many steps.
#[test]
fn both_of_two_requests_are_answered_by_the_only_one_that_may_be_tried_again() {
    explore_in_part(|| {
        let (clock, hand) = Clock::by_hand();
        let outliers = Outliers::new().consecutive(1).max_share(100);
        let settings = Settings::new().clock(clock).seed(1).outliers(outliers);
        let is_broken = Arc::new(true.into());
        let mut balance = Balance::with(settings, RoundRobin::new(), [(Breaks(Arc::clone(&is_broken)), 1)]);
        let endpoint = balance.endpoints().snapshot().remove(0);
        assert!(now(balance.call(Ask::new())).is_err());
        assert_eq!(endpoint.health(), Health::Ejected);
        is_broken.store(false, std::sync::atomic::Ordering::Relaxed);
        hand.advance(std::time::Duration::from_secs(60));
        let other = {
            let mut balance = balance.clone();
            thread::spawn(move || now(balance.call(Ask::new())).is_ok())
        };
        assert!(now(balance.call(Ask::new())).is_ok());
        assert!(other.join().unwrap());
        assert_eq!((endpoint.health(), endpoint.in_flight()), (Health::Available, 0));
    });
}

#[test]
fn drained_and_nothing_in_flight_is_final() {
    explore(|| {
        let (balance, endpoints) = pool(1);
        let endpoint = Arc::clone(&endpoints.snapshot()[0]);
        let asking = thread::spawn(move || answer(balance));
        endpoints.drain(&endpoint);
        assert_eq!(endpoint.health(), Health::Draining);
        let at_rest = (endpoint.in_flight() == 0).then(|| endpoint.requests());
        asking.join().unwrap();
        if let Some(requests) = at_rest {
            assert_eq!(endpoint.requests(), requests, "begun after it was drained and at rest");
        }
        assert_eq!(endpoint.in_flight(), 0);
    });
}

/// Whoever paused it and then finds nothing in flight may stop the server: no request begins until it is resumed.
#[test]
fn paused_and_nothing_in_flight_holds_until_it_is_resumed() {
    explore(|| {
        let (balance, endpoints) = pool(2);
        let endpoint = Arc::clone(&endpoints.snapshot()[0]);
        let asking = {
            let balance = balance.clone();
            thread::spawn(move || answer(balance))
        };
        assert!(endpoints.pause(&endpoint));
        assert_eq!(endpoint.health(), Health::Paused);
        let at_rest = (endpoint.in_flight() == 0).then(|| endpoint.requests());
        assert!(matches!(asking.join().unwrap(), Some(0 | 1)), "the other one takes it");
        if let Some(requests) = at_rest {
            assert_eq!(endpoint.requests(), requests, "begun after it was paused and at rest");
        }
        assert_eq!(endpoint.in_flight(), 0);
        assert_eq!(answer(balance.clone()), Some(1));
        assert!(endpoints.resume(&endpoint));
        let mut both = [answer(balance.clone()), answer(balance)];
        both.sort_unstable();
        assert_eq!(both, [Some(0), Some(1)]);
    });
}

#[test]
fn a_pause_that_races_a_resumption_leaves_picks_and_health_agreed() {
    explore(|| {
        let (balance, endpoints) = pool(1);
        let endpoint = Arc::clone(&endpoints.snapshot()[0]);
        let resuming = {
            let (endpoints, endpoint) = (endpoints.clone(), Arc::clone(&endpoint));
            thread::spawn(move || assert!(endpoints.resume(&endpoint)))
        };
        assert!(endpoints.pause(&endpoint));
        resuming.join().unwrap();
        let expected = match endpoint.health() {
            Health::Paused => None,
            _ => Some(0),
        };
        assert_eq!(answer(balance), expected);
    });
}

/// Three threads, with at most 3 preemptions.
#[test]
fn a_drain_of_one_that_is_paused_meanwhile_ends() {
    explore_in_part(|| {
        let (balance, endpoints) = pool(1);
        let endpoint = Arc::clone(&endpoints.snapshot()[0]);
        let pausing = {
            let (endpoints, endpoint) = (endpoints.clone(), Arc::clone(&endpoint));
            thread::spawn(move || endpoints.pause(&endpoint))
        };
        let asking = thread::spawn(move || {
            answer(balance);
        });
        assert!(endpoints.drain(&endpoint));
        loom::future::block_on(endpoint.drained());
        pausing.join().unwrap();
        asking.join().unwrap();
        assert_eq!((endpoint.health(), endpoint.in_flight()), (Health::Draining, 0));
    });
}

#[test]
fn a_request_given_up_ends_once() {
    explore(|| {
        let (waiting, _handle) = tower_test::mock::pair::<Ask, ()>();
        let balance = Balance::round_robin([waiting]);
        let endpoints = balance.endpoints();
        let endpoint = Arc::clone(&endpoints.snapshot()[0]);
        let asking = thread::spawn(move || {
            let mut balance = balance;
            let mut response = Box::pin(balance.call(Ask::new()));
            let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
            let sent = response.as_mut().poll(&mut cx).is_pending();
            drop(response);
            sent
        });
        endpoints.drain(&endpoint);
        assert!(endpoint.in_flight() <= 1);
        let sent = asking.join().unwrap();
        assert_eq!((endpoint.in_flight(), endpoint.requests()), (0, u64::from(sent)));
    });
}
