//! Whole sets of targets: which endpoints stay, which leave, and sets that come from a stream.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use crate::support::{Ask, Numbered, Readiness, ask, now};
use balance::{Balance, Endpoints, Health, NoEndpoints, Targets};
use futures_core::Stream;
use tokio::sync::mpsc;
use tokio_test::{
    assert_pending, assert_ready, assert_ready_err, assert_ready_ok,
    task::{self, Spawn},
};
use tower::Service;

type Make = fn(usize) -> Numbered;
type Named = Vec<(usize, u16)>;

const NOBODY: [(usize, u16); 0] = [];

fn balance() -> (Balance<Numbered>, Targets<usize, Numbered, Make>) {
    let balance = Balance::round_robin([]);
    let targets = balance.endpoints().by_target(Numbered::new as Make);
    (balance, targets)
}

fn weights(endpoints: &Endpoints<Numbered>) -> Named {
    endpoints.snapshot().iter().map(|endpoint| (endpoint.service().number, endpoint.weight())).collect()
}

fn answers(balance: &mut Balance<Numbered>, requests: usize) -> Vec<usize> {
    (0..requests).map(|_| ask(balance)).collect()
}

#[test]
fn the_set_is_exactly_what_was_named() {
    let (balance, mut targets) = balance();
    let many = |target| std::iter::repeat_n((target, u16::MAX), 3);
    for (set, expected) in [
        (vec![(1, 1), (2, 3)], vec![(1, 1), (2, 3)]),
        // Those that stay keep their position.
        (vec![(3, 1), (2, 3), (1, 1)], vec![(1, 1), (2, 3), (3, 1)]),
        (vec![(5, 1), (3, 2), (4, 1)], vec![(3, 2), (5, 1), (4, 1)]),
        // Named twice.
        (vec![(3, 2), (6, 1), (3, 5), (6, 1)], vec![(3, 7), (6, 2)]),
        (many(6).collect(), vec![(6, u16::MAX)]),
        (vec![(6, 0)], vec![(6, 0)]),
        (vec![], vec![]),
        (vec![(6, 1)], vec![(6, 1)]),
    ] {
        assert!(targets.set(set.clone()), "{set:?}");
        assert_eq!(weights(&balance.endpoints()), expected, "{set:?}");
        assert!(!targets.set(set), "the same again is no change");
        assert_eq!(weights(&balance.endpoints()), expected);
    }
}

#[test]
fn picks_follow_the_set() {
    let (mut balance, mut targets) = balance();
    assert!(now(balance.call(Ask::new())).unwrap_err().is::<NoEndpoints>());
    targets.set([(0, 1), (1, 0), (2, 2)]);
    let mut cycle = answers(&mut balance, 3);
    cycle.sort_unstable();
    assert_eq!(cycle, [0, 2, 2]);
    targets.set([(1, 1)]);
    assert_eq!(answers(&mut balance, 3), [1, 1, 1]);
    targets.set(NOBODY);
    assert!(now(balance.call(Ask::new())).unwrap_err().is::<NoEndpoints>());
}

#[test]
fn a_target_that_left_comes_back_as_another_endpoint() {
    let (mut balance, mut targets) = balance();
    targets.set([(0, 1)]);
    let before = balance.endpoints().snapshot();
    answers(&mut balance, 3);
    targets.set(NOBODY);
    targets.set([(0, 1)]);
    let after = balance.endpoints().snapshot();
    assert!(!Arc::ptr_eq(&before[0], &after[0]));
    assert_eq!((before[0].health(), before[0].requests()), (Health::Draining, 3));
    assert_eq!((after[0].health(), after[0].requests()), (Health::Available, 0));
    assert_eq!(before[0].id(), after[0].id());
}

#[test]
fn ids_are_the_targets_own() {
    let ids = |set: &[(usize, u16)]| {
        let (balance, mut targets) = balance();
        balance.endpoints().insert(Numbered::new(9));
        targets.set(set.iter().copied());
        let endpoints = balance.endpoints().snapshot();
        endpoints[1..].iter().map(|endpoint| endpoint.id()).collect::<Vec<u64>>()
    };
    let (there, back) = (ids(&[(0, 1), (1, 1)]), ids(&[(1, 1), (0, 1)]));
    assert_ne!(there[0], there[1]);
    assert_eq!([there[0], there[1]], [back[1], back[0]]);
}

#[test]
fn what_others_inserted_is_left_alone() {
    let (balance, mut targets) = balance();
    let endpoints = balance.endpoints();
    let mut others = endpoints.by_target(Numbered::new as Make);
    targets.set([(0, 1), (1, 1)]);
    let by_hand = endpoints.insert_weighted(Numbered::new(1), 5);
    others.set([(1, 7)]);
    targets.set([(2, 1)]);
    assert_eq!(weights(&endpoints), [(1, 5), (1, 7), (2, 1)]);
    assert_eq!(by_hand.health(), Health::Available);
    drop(targets);
    others.set(NOBODY);
    assert_eq!(weights(&endpoints), [(1, 5), (2, 1)]);
}

#[test]
fn changes_by_hand_last_as_documented() {
    let (mut balance, mut targets) = balance();
    let endpoints = balance.endpoints();
    let set = [(0, 1), (1, 1), (2, 1)];
    targets.set(set);
    let before = endpoints.snapshot();
    assert!(endpoints.set_weight(&before[0], 9) && endpoints.drain(&before[1]));
    assert!(endpoints.remove(&before[2]));

    assert!(targets.set(set));
    let after = endpoints.snapshot();
    assert_eq!(weights(&endpoints), [(0, 9), (1, 1), (2, 1)]);
    assert!(Arc::ptr_eq(&before[0], &after[0]), "with the weight that was set by hand");
    targets.set([(0, 2), (1, 1), (2, 1)]);
    assert_eq!(weights(&endpoints)[0], (0, 2), "it was named with another weight");
    targets.set(set);
    assert!(Arc::ptr_eq(&before[1], &after[1]), "still draining");
    assert!(!Arc::ptr_eq(&before[2], &after[2]), "back");
    let mut answered = answers(&mut balance, 4);
    answered.sort_unstable();
    assert_eq!(answered, [0, 0, 2, 2]);

    targets.set([(0, 1)]);
    targets.set(set);
    assert_eq!(endpoints.snapshot()[1].health(), Health::Available, "left and came back");
}

#[test]
fn a_make_that_panics_changes_nothing() {
    let balance = Balance::round_robin([]);
    let endpoints = balance.endpoints();
    let mut targets = endpoints.by_target(|target| match target {
        13 => panic!("no service for {target}"),
        _ => Numbered::new(target),
    });
    targets.set([(0, 1)]);
    let unwinding = std::panic::AssertUnwindSafe(|| targets.set([(1, 1), (0, 4), (13, 1)]));
    assert!(std::panic::catch_unwind(unwinding).is_err());
    assert_eq!(weights(&endpoints), [(0, 1)]);
    assert!(targets.set([(1, 1)]));
    assert_eq!(weights(&endpoints), [(1, 1)]);
}

#[test]
fn one_who_waits_for_a_target_that_leaves_goes_on() {
    let balance = Balance::round_robin([]);
    let mut targets = balance.endpoints().by_target(|number| match number {
        0 => Numbered::with(0, Readiness::Never),
        _ => Numbered::new(number),
    });
    for (others, answer) in [(vec![(1, 1)], Some(1)), (vec![], None)] {
        targets.set([(0, 1)]);
        let mut response = task::spawn(balance.clone().call(Ask::new()));
        assert_pending!(response.poll());
        targets.set(others);
        assert!(response.is_woken());
        match answer {
            Some(number) => assert_eq!(assert_ready_ok!(response.poll()), number),
            None => assert!(assert_ready_err!(response.poll()).is::<NoEndpoints>()),
        }
    }
}

/// A stream of what its sender is given.
struct Sets(mpsc::UnboundedReceiver<Named>);

impl Stream for Sets {
    type Item = Named;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(cx)
    }
}

type Following = Spawn<Pin<Box<dyn Future<Output = ()> + Send>>>;

fn following() -> (Balance<Numbered>, mpsc::UnboundedSender<Named>, Following) {
    let (balance, targets) = balance();
    let (sender, sets) = mpsc::unbounded_channel();
    (balance, sender, task::spawn(Box::pin(targets.follow(Sets(sets)))))
}

#[test]
fn follows_a_stream_to_its_end() {
    let (balance, sender, mut following) = following();
    assert_pending!(following.poll());
    sender.send(vec![(0, 1), (1, 2)]).unwrap();
    assert!(following.is_woken());
    assert_pending!(following.poll());
    assert_eq!(weights(&balance.endpoints()), [(0, 1), (1, 2)]);

    let changes = [vec![(2, 1)], vec![(3, 1)], vec![(1, 1), (3, 1)]];
    changes.into_iter().for_each(|set| sender.send(set).unwrap());
    drop(sender);
    assert_ready!(following.poll());
    assert_eq!(weights(&balance.endpoints()), [(3, 1), (1, 1)]);
}

#[test]
fn follows_no_longer_than_there_is_a_balancer() {
    let (balance, sender, mut following) = following();
    let endpoints = balance.endpoints();
    assert_pending!(following.poll());
    endpoints.insert(Numbered::new(7));
    assert!(following.is_woken(), "by a change of another's");
    assert_pending!(following.poll());
    drop(balance);
    assert!(!following.is_woken(), "a handle is left");
    drop(endpoints);
    assert!(following.is_woken());
    assert_ready!(following.poll());
    assert!(sender.send(vec![]).is_err(), "the stream was dropped");
}

#[test]
fn does_not_follow_a_stream_for_nobody() {
    let (balance, sender, mut following) = following();
    sender.send(vec![(0, 1)]).unwrap();
    drop(balance);
    assert_ready!(following.poll());

    let (balance, mut targets) = self::balance();
    drop(balance);
    assert!(!targets.set([(0, 1)]));
}
