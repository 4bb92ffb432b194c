//! The control handle: the set is changed while requests are served.

use std::sync::{Arc, Barrier};

use crate::support::{Ask, Numbered, ask};
use balance::{Balance, Endpoint, Health};
use proptest::prelude::*;
use tokio_test::{assert_pending, assert_ready_ok, task};
use tower::Service;

fn numbers(endpoints: &[Arc<Endpoint<Numbered>>]) -> Vec<usize> {
    endpoints.iter().map(|endpoint| endpoint.service().number).collect()
}

fn answers(balance: &mut Balance<Numbered>, requests: usize) -> Vec<usize> {
    (0..requests).map(|_| ask(balance)).collect()
}

#[test]
fn an_inserted_endpoint_takes_its_turn() {
    let mut balance = Balance::round_robin([Numbered::new(0)]);
    let inserted = balance.endpoints().insert(Numbered::new(1));
    assert_eq!(answers(&mut balance, 4), [0, 1, 0, 1]);
    assert_eq!((inserted.requests(), inserted.weight(), inserted.health()), (2, 1, Health::Available));
}

#[test]
fn a_removed_endpoint_is_gone() {
    let mut balance = Balance::round_robin((0..3).map(Numbered::new));
    let endpoints = balance.endpoints();
    let removed = &endpoints.snapshot()[1];
    assert!(endpoints.remove(removed));
    assert_eq!(numbers(&endpoints.snapshot()), [0, 2]);
    assert_eq!(answers(&mut balance, 4), [0, 2, 0, 2]);
    assert!(!endpoints.remove(removed));
    assert!(!endpoints.set_weight(removed, 3));
}

#[test]
fn a_draining_endpoint_stays_in_sight() {
    let mut balance = Balance::round_robin((0..2).map(Numbered::new));
    let endpoints = balance.endpoints();
    assert!(endpoints.drain(&endpoints.snapshot()[0]));
    assert_eq!(answers(&mut balance, 3), [1, 1, 1]);
    assert_eq!(numbers(&endpoints.snapshot()), [0, 1]);
    assert_eq!(endpoints.snapshot()[0].health(), Health::Draining);
}

#[test]
fn weight_0_pauses_and_comes_back() {
    let mut balance = Balance::round_robin((0..2).map(Numbered::new));
    let endpoints = balance.endpoints();
    let paused = &endpoints.snapshot()[0];
    assert!(endpoints.set_weight(paused, 0));
    assert_eq!(answers(&mut balance, 3), [1, 1, 1]);
    assert!(endpoints.set_weight(paused, 3));
    let mut cycle = answers(&mut balance, 4);
    cycle.sort_unstable();
    assert_eq!(cycle, [0, 0, 0, 1]);
}

#[test]
fn an_endpoint_of_another_balancer_is_left_alone() {
    let (one, other) = (Balance::round_robin([Numbered::new(0)]), Balance::round_robin([Numbered::new(0)]));
    let foreign = &other.endpoints().snapshot()[0];
    assert!(!one.endpoints().drain(foreign));
    assert!(!one.endpoints().remove(foreign));
    assert!(!one.endpoints().set_weight(foreign, 9));
    assert_eq!((foreign.health(), foreign.weight()), (Health::Available, 1));
}

#[test]
fn what_is_in_flight_is_not_disturbed() {
    let (mock, mut handle) = tower_test::mock::pair::<Ask, &'static str>();
    let mut balance = Balance::round_robin([mock]);
    let endpoints = balance.endpoints();
    let endpoint = &endpoints.snapshot()[0];
    let mut response = task::spawn(balance.call(Ask::new()));
    assert_pending!(response.poll());

    assert!(endpoints.drain(endpoint));
    assert_eq!((endpoint.health(), endpoint.in_flight()), (Health::Draining, 1));
    assert!(endpoints.remove(endpoint));
    assert!(!response.is_woken());

    let mut request = task::spawn(handle.next_request());
    let (_, respond) = tokio_test::assert_ready!(request.poll()).unwrap();
    respond.send_response("finished");
    assert_eq!(assert_ready_ok!(response.poll()), "finished");
    assert_eq!(endpoint.in_flight(), 0);
}

#[test]
fn a_handle_prints_what_it_holds() {
    let balance = Balance::round_robin([Numbered::new(0)]);
    let printed =
        "[Endpoint { id: 0, weight: 1, health: Available, in_flight: 0, requests: 0, failures: 0, .. }]";
    assert_eq!(format!("{:?}", balance.endpoints()), printed);
}

#[test]
fn changes_from_eight_threads_do_not_lose_each_other() {
    let balance = Balance::round_robin((0..8).map(Numbered::new));
    let (endpoints, start) = (balance.endpoints(), Barrier::new(8));
    let first = endpoints.snapshot();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (endpoints, start, first) = (&endpoints, &start, &first);
            scope.spawn(move || {
                start.wait();
                for round in 0..50 {
                    let passing = endpoints.insert(Numbered::new(1_000));
                    endpoints.insert_weighted(Numbered::new(100 + thread * 50 + round), 2);
                    assert!(endpoints.remove(&passing));
                }
                assert!(endpoints.remove(&first[thread]));
            });
        }
    });
    let mut left = numbers(&endpoints.snapshot());
    left.sort_unstable();
    assert_eq!(left, (100..500).collect::<Vec<_>>());
    assert!(endpoints.snapshot().iter().all(|endpoint| endpoint.weight() == 2));
}

#[test]
fn requests_go_on_through_a_storm_of_changes() {
    let balance = Balance::round_robin((0..2).map(Numbered::new));
    let endpoints = balance.endpoints();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            let mut balance = balance.clone();
            scope.spawn(move || {
                for _ in 0..20_000 {
                    ask(&mut balance);
                }
            });
        }
        for round in 0..500 {
            let passing = endpoints.insert_weighted(Numbered::new(2), 1 + round % 7);
            assert!(endpoints.remove(&passing));
            let at_rest = passing.in_flight();
            let requests = passing.requests();
            if at_rest == 0 {
                std::thread::yield_now();
                assert_eq!(passing.requests(), requests, "begun after it was removed and at rest");
            }
        }
    });
    assert!(endpoints.snapshot().iter().all(|endpoint| endpoint.in_flight() == 0));
}

#[derive(Clone, Debug)]
enum Op {
    Insert(u16),
    Remove(prop::sample::Index),
    Drain(prop::sample::Index),
    SetWeight(prop::sample::Index, u16),
    Pause(prop::sample::Index),
    Resume(prop::sample::Index),
    Pick(usize),
    Cycle,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        (0..6_u16).prop_map(Op::Insert),
        any::<prop::sample::Index>().prop_map(Op::Remove),
        any::<prop::sample::Index>().prop_map(Op::Drain),
        (any::<prop::sample::Index>(), 0..6_u16).prop_map(|(index, weight)| Op::SetWeight(index, weight)),
        any::<prop::sample::Index>().prop_map(Op::Pause),
        any::<prop::sample::Index>().prop_map(Op::Resume),
        (0..10_usize).prop_map(Op::Pick),
        Just(Op::Cycle),
    ]
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// What the test knows of an endpoint.
struct Model {
    endpoint: Arc<Endpoint<Numbered>>,
    weight: usize,
    draining: bool,
    paused: bool,
}

impl Model {
    fn serving_weight(&self) -> usize {
        if self.draining || self.paused { 0 } else { self.weight }
    }
}

proptest! {
    /// After any history of changes, a pick gets a member that serves, and the counts over a full cycle are exact.
    #[test]
    fn picks_follow_the_latest_change(ops in prop::collection::vec(op(), 1..40)) {
        let mut balance = Balance::<Numbered>::round_robin([]);
        let endpoints = balance.endpoints();
        let mut models: Vec<Model> = vec![];
        for (number, op) in ops.into_iter().enumerate() {
            match op {
                Op::Insert(weight) => {
                    let endpoint = endpoints.insert_weighted(Numbered::new(number), weight);
                    models.push(Model { endpoint, weight: weight.into(), draining: false, paused: false });
                }
                _ if models.is_empty() => {}
                Op::Remove(index) => {
                    let model = models.remove(index.index(models.len()));
                    prop_assert!(endpoints.remove(&model.endpoint));
                }
                Op::Drain(index) => {
                    let model = index.get(&models);
                    prop_assert!(endpoints.drain(&model.endpoint));
                    let index = index.index(models.len());
                    models[index].draining = true;
                }
                Op::SetWeight(index, weight) => {
                    let index = index.index(models.len());
                    prop_assert!(endpoints.set_weight(&models[index].endpoint, weight));
                    models[index].weight = weight.into();
                }
                Op::Pause(index) => {
                    let index = index.index(models.len());
                    prop_assert!(endpoints.pause(&models[index].endpoint));
                    models[index].paused = true;
                }
                Op::Resume(index) => {
                    let index = index.index(models.len());
                    prop_assert!(endpoints.resume(&models[index].endpoint));
                    models[index].paused = false;
                }
                Op::Pick(_) | Op::Cycle if models.iter().all(|model| model.serving_weight() == 0) => {
                    prop_assert!(crate::support::now(balance.call(Ask::new())).is_err());
                }
                Op::Pick(requests) => {
                    let serving: Vec<usize> = models
                        .iter()
                        .filter(|model| model.serving_weight() > 0)
                        .map(|model| model.endpoint.service().number)
                        .collect();
                    for answer in answers(&mut balance, requests) {
                        prop_assert!(serving.contains(&answer));
                    }
                }
                Op::Cycle => {
                    let divisor = models.iter().map(Model::serving_weight).fold(0, gcd);
                    let slots = models.iter().map(Model::serving_weight).sum::<usize>() / divisor;
                    let answers = answers(&mut balance, slots);
                    for model in &models {
                        let number = model.endpoint.service().number;
                        let picks = answers.iter().filter(|answer| **answer == number).count();
                        prop_assert_eq!(picks, model.serving_weight() / divisor);
                    }
                }
            }
            let numbered: Vec<usize> = models.iter().map(|model| model.endpoint.service().number).collect();
            prop_assert_eq!(numbers(&endpoints.snapshot()), numbered);
        }
    }
}
