//! Targets come and go while requests are sent: no request fails, and the counters stay right.

use std::{
    collections::VecDeque,
    future::{Pending, pending},
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use crate::support::{Ask, Numbered, now};
use balance::{Balance, BoxError, Endpoint, Health};
use proptest::prelude::*;
use tokio_test::{assert_pending, task};
use tower::Service;

/// Sets the targets a thousand times while four threads send requests, and returns what failed and what was answered.
fn storm(sets: impl Fn(usize) -> Vec<(usize, u16)>) -> (usize, usize) {
    let balance = Balance::<Numbered>::round_robin([]);
    let mut targets = balance.endpoints().by_target(Numbered::new);
    targets.set(sets(0));
    let (start, over) = (Barrier::new(5), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let asking: Vec<_> = (0..4)
            .map(|_| {
                let mut balance = balance.clone();
                let (start, over) = (&start, &over);
                scope.spawn(move || {
                    start.wait();
                    let (mut failed, mut answered) = (0, 0);
                    while !over.load(Ordering::Relaxed) {
                        match now(balance.call(Ask::new())) {
                            Ok(_) => answered += 1,
                            Err(_) => failed += 1,
                        }
                    }
                    (failed, answered)
                })
            })
            .collect();
        start.wait();
        let mut at_rest = vec![];
        for round in 1..=1_000 {
            let before = balance.endpoints().snapshot();
            assert!(targets.set(sets(round)));
            let left = before.into_iter().filter(|endpoint| endpoint.health() == Health::Draining);
            let left = left.filter(|endpoint| endpoint.in_flight() == 0);
            at_rest.extend(left.map(|endpoint| (endpoint.requests(), endpoint)));
        }
        over.store(true, Ordering::Relaxed);
        let sum = |(a, b), (c, d)| (a + c, b + d);
        let total = asking.into_iter().map(|thread| thread.join().unwrap()).reduce(sum).unwrap();
        let begun = at_rest.iter().filter(|(requests, endpoint)| endpoint.requests() != *requests);
        assert_eq!(begun.count(), 0, "asked after they had left and were at rest");
        assert!(balance.endpoints().snapshot().iter().all(|endpoint| endpoint.in_flight() == 0));
        total
    })
}

#[test]
fn no_request_fails_through_a_thousand_sets() {
    let (failed, answered) = storm(|round| vec![(0, 1), (1 + round % 3, 1 + round as u16 % 7), (7, 2)]);
    assert_eq!(failed, 0, "of {answered}");
    assert!(answered > 0);
}

#[test]
fn nor_where_each_set_replaces_all() {
    let (failed, answered) = storm(|round| vec![(round % 2, 1), (2 + round % 2, 1)]);
    assert_eq!(failed, 0, "of {answered}");
    assert!(answered > 0);
}

#[test]
fn a_set_and_insertions_by_hand_do_not_lose_each_other() {
    let balance = Balance::<Numbered>::round_robin([]);
    let mut targets = balance.endpoints().by_target(Numbered::new);
    let (endpoints, start) = (balance.endpoints(), Barrier::new(2));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            start.wait();
            (100..400).for_each(|number| drop(endpoints.insert(Numbered::new(number))));
        });
        start.wait();
        for round in 0..300 {
            targets.set([(round % 10, 1), (10 + round % 7, 2)]);
        }
    });
    let mut left: Vec<_> =
        endpoints.snapshot().iter().map(|left| (left.service().number, left.weight())).collect();
    left.sort_unstable();
    let by_hand = (100..400).map(|number| (number, 1));
    assert_eq!(left, [(9, 1), (10 + 299 % 7, 2)].into_iter().chain(by_hand).collect::<Vec<_>>());
}

/// Keeps every request in flight until the caller gives it up, and says which target got the last one.
#[derive(Clone)]
struct Holding {
    target: usize,
    last: Arc<AtomicUsize>,
}

impl Service<Ask> for Holding {
    type Response = ();
    type Error = BoxError;
    type Future = Pending<Result<(), BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Ask) -> Self::Future {
        self.last.store(self.target, Ordering::Relaxed);
        pending()
    }
}

#[derive(Clone, Debug)]
enum Op {
    Set(Vec<(usize, u16)>),
    Ask,
    GiveUp,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        1 => prop::collection::vec((0..8_usize, 0..4_u16), 0..8).prop_map(Op::Set),
        3 => Just(Op::Ask),
        1 => Just(Op::GiveUp),
    ]
}

/// What the test knows of a target from the time it comes until it leaves, and of its requests after that.
struct Model {
    target: usize,
    weight: u16,
    has_left: bool,
    endpoint: Arc<Endpoint<Holding>>,
    requests: u64,
    in_flight: u64,
}

/// The model of a set, for those of `models` that have not left.
fn apply(models: &mut Vec<Model>, set: &[(usize, u16)], snapshot: &[Arc<Endpoint<Holding>>]) {
    let weight = |target| {
        let mut weights = set.iter().filter(|named| named.0 == target).map(|named| named.1).peekable();
        weights.peek().is_some().then(|| weights.sum::<u16>())
    };
    for model in models.iter_mut().filter(|model| !model.has_left) {
        match weight(model.target) {
            Some(weight) => model.weight = weight,
            None => model.has_left = true,
        }
    }
    for &(target, _) in set {
        if models.iter().all(|model| model.has_left || model.target != target) {
            let place = models.iter().filter(|model| !model.has_left).count();
            let (weight, endpoint) = (weight(target).unwrap(), Arc::clone(&snapshot[place]));
            models.push(Model { target, weight, endpoint, has_left: false, requests: 0, in_flight: 0 });
        }
    }
}

proptest! {
    /// Counters belong to the identity of a target: whatever the sets, each target has its own, also after it has left.
    #[test]
    fn counters_belong_to_targets(ops in prop::collection::vec(op(), 1..80)) {
        let last = Arc::new(AtomicUsize::new(usize::MAX));
        let balance = Balance::<Holding>::round_robin([]);
        let mut targets = balance.endpoints().by_target(|target| Holding { target, last: Arc::clone(&last) });
        let (mut models, mut held) = (Vec::<Model>::new(), VecDeque::new());
        for op in ops {
            match op {
                Op::Set(set) => {
                    targets.set(set.clone());
                    apply(&mut models, &set, &balance.endpoints().snapshot());
                }
                Op::Ask if models.iter().all(|model| model.has_left || model.weight == 0) => {
                    prop_assert!(now(balance.clone().call(Ask::new())).is_err());
                }
                Op::Ask => {
                    let mut response = task::spawn(balance.clone().call(Ask::new()));
                    assert_pending!(response.poll());
                    let target = last.load(Ordering::Relaxed);
                    let is_asked = |model: &Model| !model.has_left && model.target == target;
                    let asked = models.iter().position(is_asked).unwrap();
                    prop_assert!(models[asked].weight > 0);
                    models[asked].requests += 1;
                    models[asked].in_flight += 1;
                    held.push_back((asked, response));
                }
                Op::GiveUp => if let Some((asked, _)) = held.pop_front() {
                    models[asked].in_flight -= 1;
                }
            }
            for Model { target, weight, has_left, endpoint, requests, in_flight } in &models {
                prop_assert_eq!(endpoint.service().target, *target);
                prop_assert_eq!((endpoint.requests(), endpoint.in_flight()), (*requests, *in_flight));
                prop_assert_eq!(endpoint.health() == Health::Draining, *has_left);
                prop_assert!(*has_left || endpoint.weight() == *weight);
            }
            let snapshot = balance.endpoints().snapshot();
            let present: Vec<_> = models.iter().filter(|model| !model.has_left).collect();
            prop_assert_eq!(snapshot.len(), present.len());
            for (endpoint, model) in snapshot.iter().zip(present) {
                prop_assert!(Arc::ptr_eq(endpoint, &model.endpoint));
            }
        }
    }
}
