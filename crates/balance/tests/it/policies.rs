//! Policies under the balancer's layer: around endpoints that are not ready, and while the set changes.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::{Ask, Numbered, Readiness, ask};
use balance::{
    Balance, Clock, Hash, Key, LeastLoaded, PeakEwma, Policy, Random, RoundRobin, RoundRobinLayer, Settings,
};
use tower::Layer;

fn answers<P: Policy<Ask>>(balance: &Balance<Numbered, P>, requests: usize) -> Vec<usize> {
    let mut balance = balance.clone();
    (0..requests).map(|_| ask(&mut balance)).collect()
}

#[test]
fn each_use_of_the_layer_begins_anew() {
    fn check<P: Policy<Ask> + Clone>(policy: P) {
        // Time is paused, or the latencies would differ.
        let settings = Settings::new().clock(Clock::by_hand().0);
        let targets = (0..10).map(|number| (number, 5));
        let layer = RoundRobinLayer::weighted(targets).settings(settings).policy(policy);
        let first = answers(&layer.layer(Numbered::new), 20);
        assert_eq!(first, answers(&layer.layer(Numbered::new), 20));
        assert_eq!(first, answers(&layer.clone().layer(Numbered::new), 20));
    }
    check(RoundRobin::new());
    check(Random::seeded(1));
    check(LeastLoaded::seeded(1));
    check(PeakEwma::seeded(1));
    check(Hash::by(|_: &Ask| None).seeded(1));
}

#[test]
fn the_layer_keeps_its_policy_whatever_is_set_after() {
    let by_key = Hash::by(|_: &Ask| Key::from(1));
    let layer = RoundRobinLayer::new(0..10).policy(by_key.clone());
    let owner = ask(&mut layer.layer(Numbered::new));
    assert_eq!(answers(&RoundRobinLayer::new(0..10).policy(by_key).layer(Numbered::new), 20), [owner; 20]);
}

#[test]
fn the_one_that_is_ready_is_found_by_all() {
    fn check(policy: impl Policy<Ask>) {
        let readiness = |number| if number == 700 { Readiness::Always } else { Readiness::Never };
        let services = (0..1_000).map(|number| (Numbered::with(number, readiness(number)), 1));
        assert_eq!(answers(&Balance::new(policy, services), 3), [700; 3]);
    }
    check(RoundRobin::new());
    check(Random::new());
    check(LeastLoaded::new());
    check(PeakEwma::new());
    check(Hash::by(|_: &Ask| Key::from(1)));
    check(Hash::by(|_: &Ask| None));
}

/// Four threads send requests while another inserts, weighs and removes endpoints: every request is answered.
#[test]
fn all_answer_while_the_set_changes() {
    fn check(policy: impl Policy<Ask> + Send + Sync + 'static) {
        let balance = Balance::new(policy, (0..10).map(|number| (Numbered::new(number), 2)));
        let endpoints = balance.endpoints();
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    let inserted = endpoints.insert(Numbered::new(10));
                    assert!(endpoints.set_weight(&inserted, 0) && endpoints.set_weight(&inserted, 7));
                    assert!(endpoints.remove(&inserted));
                }
            });
            let asking = [(); 4].map(|()| scope.spawn(|| answers(&balance, 2_000)));
            let answered = asking.map(|thread| thread.join());
            is_over.store(true, Ordering::Relaxed);
            assert!(answered.into_iter().flat_map(Result::unwrap).all(|number| number <= 10));
        });
        assert!(endpoints.snapshot().iter().all(|endpoint| endpoint.in_flight() == 0));
    }
    check(RoundRobin::new());
    check(Random::new());
    check(LeastLoaded::new());
    check(PeakEwma::new());
    check(Hash::by(|_: &Ask| Key::from(1)));
    check(Hash::by(|_: &Ask| None));
}
