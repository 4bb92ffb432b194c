//! Pauses and their end.

use std::{num::NonZeroU32, sync::Arc};

use crate::support::{Ask, Numbered, Readiness, ask, now};
use balance::{Balance, Entry, Health, Limit, NoEndpoints, RoundRobin, Settings};
use tokio_test::{assert_pending, assert_ready, assert_ready_ok, task};
use tower::Service;

fn answers(balance: &mut Balance<Numbered>, requests: usize) -> Vec<usize> {
    (0..requests).map(|_| ask(balance)).collect()
}

#[test]
fn a_paused_one_gets_nothing_until_it_is_resumed() {
    let mut balance = Balance::round_robin((0..2).map(Numbered::new));
    let endpoints = balance.endpoints();
    let paused = endpoints.snapshot().remove(0);
    assert!(endpoints.pause(&paused));
    assert_eq!((paused.health(), paused.weight()), (Health::Paused, 1));
    assert_eq!(answers(&mut balance, 4), [1, 1, 1, 1]);
    assert!(endpoints.pause(&paused), "once more is no change");
    assert!(endpoints.resume(&paused));
    assert_eq!(paused.health(), Health::Available);
    let mut both = answers(&mut balance, 4);
    both.sort_unstable();
    assert_eq!(both, [0, 0, 1, 1]);
}

#[test]
fn with_all_paused_the_answer_is_there_at_once() {
    let mut balance = Balance::round_robin((0..2).map(Numbered::new));
    let endpoints = balance.endpoints();
    endpoints.snapshot().iter().for_each(|endpoint| assert!(endpoints.pause(endpoint)));
    assert!(now(balance.call(Ask::new())).unwrap_err().is::<NoEndpoints>());
    endpoints.resume(&endpoints.snapshot()[1]);
    assert_eq!(answers(&mut balance, 2), [1, 1]);
}

#[test]
fn what_is_in_flight_finishes_and_ends_no_drain_but_a_drain() {
    let (mock, mut handle) = tower_test::mock::pair::<Ask, &'static str>();
    let mut balance = Balance::round_robin([mock]);
    let endpoints = balance.endpoints();
    let endpoint = endpoints.snapshot().remove(0);
    let mut response = task::spawn(balance.call(Ask::new()));
    assert_pending!(response.poll());
    assert!(endpoints.pause(&endpoint));
    assert_eq!((endpoint.health(), endpoint.in_flight()), (Health::Paused, 1));
    let (_, respond) = assert_ready!(task::spawn(handle.next_request()).poll()).unwrap();
    let mut drained = task::spawn(endpoint.drained());
    respond.send_response("finished");
    assert_eq!(assert_ready_ok!(response.poll()), "finished");
    assert_eq!(endpoint.in_flight(), 0);
    assert_pending!(drained.poll());
    assert!(endpoints.drain(&endpoint));
    assert_ready!(drained.poll());
    assert_eq!(endpoint.health(), Health::Draining);
    assert!(endpoints.resume(&endpoint), "a drain can't be undone");
    assert_eq!(endpoint.health(), Health::Draining);
}

#[test]
fn one_who_waits_for_one_that_is_paused_goes_on() {
    let services = [Numbered::with(0, Readiness::Never), Numbered::new(1)];
    let mut balance = Balance::round_robin(services);
    let endpoints = balance.endpoints();
    let [never, other] = [0, 1].map(|index| Arc::clone(&endpoints.snapshot()[index]));
    endpoints.pause(&other);
    let mut response = task::spawn(balance.call(Ask::new()));
    assert_pending!(response.poll());
    endpoints.pause(&never);
    endpoints.resume(&other);
    assert!(response.is_woken());
    assert_eq!(assert_ready_ok!(response.poll()), 1);
}

#[test]
fn with_a_limit_a_paused_one_is_not_taken_for_a_full_one() {
    let limit = Limit::new(NonZeroU32::MIN);
    let services = [(Numbered::new(0), 1)];
    let mut balance = Balance::with(Settings::new().limit(limit), RoundRobin::new(), services);
    let endpoints = balance.endpoints();
    endpoints.pause(&endpoints.snapshot()[0]);
    assert!(now(balance.call(Ask::new())).unwrap_err().is::<NoEndpoints>());
    endpoints.resume(&endpoints.snapshot()[0]);
    assert_eq!(answers(&mut balance, 2), [0, 0]);
}

#[test]
fn of_a_tier_those_that_are_left_count() {
    let entries = [0, 0, 1].map(|priority| Entry::new(Numbered::new(priority.into())).priority(priority));
    let mut balance = Balance::new(RoundRobin::new(), entries);
    let endpoints = balance.endpoints();
    let first = endpoints.snapshot();
    endpoints.pause(&first[0]);
    assert_eq!(answers(&mut balance, 3), [0, 0, 0], "the other one of the tier is well");
    endpoints.pause(&first[1]);
    assert_eq!(answers(&mut balance, 2), [1, 1]);
}

#[test]
fn what_was_set_by_hand_outlasts_another_set_of_targets() {
    let mut balance = Balance::round_robin([]);
    let endpoints = balance.endpoints();
    let mut targets = endpoints.by_target(Numbered::new);
    targets.set([(0, 1), (1, 1)]);
    let [zero, one] = [0, 1].map(|index| Arc::clone(&endpoints.snapshot()[index]));
    assert!(endpoints.pause(&zero) && endpoints.set_weight(&one, 5));
    assert!(targets.set([(2, 1), (1, 1), (0, 1)]));
    assert_eq!((zero.health(), one.weight()), (Health::Paused, 5));
    assert!(answers(&mut balance, 12).iter().all(|answer| *answer != 0));
    assert!(targets.set([(0, 1), (1, 2)]));
    assert_eq!(one.weight(), 2, "it was named with another weight");
    assert!(targets.set([(1, 2)]) && targets.set([(0, 1), (1, 2)]));
    let back = endpoints.snapshot().remove(1);
    assert_eq!((back.service().number, back.health()), (0, Health::Available), "it left and came back");
}
