//! A task that waits for an endpoint to be drained is told as soon as it is, and not before.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use crate::support::{Ask, Numbered, ask};
use balance::{Balance, Endpoint, Endpoints};
use tokio_test::{
    assert_pending, assert_ready, assert_ready_ok,
    task::{Spawn, spawn},
};
use tower::Service;
use tower_test::mock;

type Mock = mock::Mock<Ask, &'static str>;
type Handle = mock::Handle<Ask, &'static str>;
type Leave = fn(&Endpoints<Mock>, &Arc<Endpoint<Mock>>) -> bool;

const WAYS_TO_LEAVE: [Leave; 2] = [Endpoints::drain, Endpoints::remove];

fn two() -> (Balance<Mock>, [Handle; 2]) {
    let ((one, mut one_handle), (two, mut two_handle)) = (mock::pair(), mock::pair());
    one_handle.allow(9);
    two_handle.allow(9);
    (Balance::round_robin([one, two]), [one_handle, two_handle])
}

fn begin(balance: &mut Balance<Mock>) -> Spawn<<Balance<Mock> as Service<Ask>>::Future> {
    let mut response = spawn(balance.call(Ask::new()));
    assert_pending!(response.poll());
    response
}

fn answer(handle: &mut Handle) {
    assert_ready!(spawn(handle.next_request()).poll()).unwrap().1.send_response("done");
}

#[test]
fn an_idle_one_is_drained_at_once() {
    for leave in WAYS_TO_LEAVE {
        let (balance, _handles) = two();
        let endpoints = balance.endpoints();
        let leaving = endpoints.snapshot().remove(0);
        let mut drained = spawn(leaving.drained());
        assert_pending!(drained.poll());
        assert!(leave(&endpoints, &leaving));
        assert!(drained.is_woken());
        assert_ready!(drained.poll());
        assert_ready!(spawn(leaving.drained()).poll());
    }
}

#[test]
fn the_last_request_in_flight_ends_the_wait_however_it_ends() {
    for leave in WAYS_TO_LEAVE {
        let (mut balance, mut handles) = two();
        let endpoints = balance.endpoints();
        let leaving = endpoints.snapshot().remove(0);
        let [mut answered, _other, given_up] = std::array::from_fn(|_| begin(&mut balance));
        let mut drained = [spawn(leaving.drained()), spawn(leaving.drained())];
        assert!(leave(&endpoints, &leaving));
        drained.iter_mut().for_each(|drained| assert_pending!(drained.poll()));
        answer(&mut handles[0]);
        assert_ready_ok!(answered.poll());
        drained.iter_mut().for_each(|drained| assert_pending!(drained.poll()));
        drop(given_up);
        assert!(drained.iter().all(Spawn::is_woken));
        drained.iter_mut().for_each(|drained| assert_ready!(drained.poll()));
    }
}

#[test]
fn one_that_stays_is_never_drained() {
    let (mut balance, _handles) = two();
    let endpoints = balance.endpoints();
    let [one, other] = [0, 1].map(|index| Arc::clone(&endpoints.snapshot()[index]));
    let mut drained = spawn(one.drained());
    assert_pending!(drained.poll());
    drop(begin(&mut balance));
    endpoints.set_weight(&one, 0);
    endpoints.remove(&other);
    assert_pending!(drained.poll());
    assert_eq!(one.in_flight(), 0);
}

/// Requests that come too late are refused, and delay the drain only for a moment.
#[test]
fn under_threads_every_drain_ends() {
    let mut balance = Balance::round_robin([Numbered::new(0)]);
    let endpoints = balance.endpoints();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let is_over = &AtomicBool::new(false);
    std::thread::scope(|scope| {
        for mut balance in [balance.clone(), balance.clone()] {
            scope.spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    ask(&mut balance);
                }
            });
        }
        for _ in 0..2_000 {
            let leaving = endpoints.insert(Numbered::new(1));
            ask(&mut balance);
            endpoints.remove(&leaving);
            runtime.block_on(leaving.drained());
        }
        is_over.store(true, Ordering::Relaxed);
    });
}
