//! Exact counts of round robin: from index 0, under threads, with weights, and around an endpoint that is never ready.

use crate::support::{Ask, Numbered, Readiness, ask};
use balance::{Balance, RoundRobinLayer};
use tower::{Layer, Service};

fn served<P, F, C>(balance: &Balance<Numbered, P, F, C>) -> Vec<u64>
where
    P: Send + Sync + 'static,
{
    balance.endpoints().snapshot().iter().map(|endpoint| endpoint.requests()).collect()
}

/// Sends `requests` requests on each of 8 threads at once.
fn ask_from_8_threads<B>(balance: &B, requests: usize)
where
    B: Service<Ask, Response = usize, Error = balance::BoxError> + Clone + Send,
{
    std::thread::scope(|scope| {
        for _ in 0..8 {
            let mut balance = balance.clone();
            scope.spawn(move || {
                for _ in 0..requests {
                    ask(&mut balance);
                }
            });
        }
    });
}

#[test]
fn sequential_requests_alternate_from_the_first() {
    let mut balance = RoundRobinLayer::new([0, 1]).layer(Numbered::new);
    let answers: Vec<usize> = (0..6).map(|_| ask(&mut balance)).collect();
    assert_eq!(answers, [0, 1, 0, 1, 0, 1]);
}

#[test]
fn clones_share_the_turn() {
    let mut one = Balance::round_robin((0..3).map(Numbered::new));
    let mut other = one.clone();
    assert_eq!([ask(&mut one), ask(&mut other), ask(&mut one), ask(&mut other)], [0, 1, 2, 0]);
}

#[test]
fn each_use_of_the_layer_has_a_turn_of_its_own() {
    let layer = RoundRobinLayer::new([0, 1]);
    let (mut one, mut other) = (layer.layer(Numbered::new), layer.layer(Numbered::new));
    assert_eq!([ask(&mut one), ask(&mut other)], [0, 0]);
}

#[test]
fn any_number_of_endpoints_differs_by_at_most_one() {
    for endpoints in 1..=17 {
        let mut balance = Balance::round_robin((0..endpoints).map(Numbered::new));
        for _ in 0..100 {
            ask(&mut balance);
            let served = served(&balance);
            assert!(served.iter().max().unwrap() - served.iter().min().unwrap() <= 1, "{served:?}");
        }
    }
}

#[test]
fn eight_threads_are_as_exact_as_one() {
    for endpoints in [2_u64, 3, 7] {
        let balance = Balance::round_robin((0..endpoints as usize).map(Numbered::new));
        ask_from_8_threads(&balance, 10_000);
        let exact: Vec<u64> =
            (0..endpoints).map(|index| (80_000 + endpoints - 1 - index) / endpoints).collect();
        assert_eq!(served(&balance), exact);
    }
}

#[test]
fn weights_are_followed_smoothly() {
    let mut balance = RoundRobinLayer::weighted([(0, 5), (1, 1), (2, 1)]).layer(Numbered::new);
    let answers: Vec<usize> = (0..14).map(|_| ask(&mut balance)).collect();
    assert_eq!(answers, [0, 0, 1, 0, 2, 0, 0, 0, 0, 1, 0, 2, 0, 0]);
}

#[test]
fn eight_threads_follow_weights_exactly() {
    let balance = RoundRobinLayer::weighted([(0, 5), (1, 2), (2, 1)]).layer(Numbered::new);
    ask_from_8_threads(&balance, 1_000);
    assert_eq!(served(&balance), [5_000, 2_000, 1_000]);
}

fn one_of_four_never_ready() -> Balance<Numbered> {
    let readiness = [Readiness::Always, Readiness::Never, Readiness::Always, Readiness::Always];
    Balance::round_robin((0..).zip(readiness).map(|(number, readiness)| Numbered::with(number, readiness)))
}

#[test]
fn the_share_of_one_that_is_never_ready_goes_to_all_others_evenly() {
    let mut balance = one_of_four_never_ready();
    for _ in 0..300 {
        ask(&mut balance);
    }
    assert_eq!(served(&balance), [100, 0, 100, 100]);
}

#[test]
fn so_it_does_under_eight_threads() {
    let balance = one_of_four_never_ready();
    ask_from_8_threads(&balance, 3_000);
    let served = served(&balance);
    assert_eq!((served.iter().sum::<u64>(), served[1]), (24_000, 0));
    assert!([0, 2, 3].iter().all(|&index| served[index].abs_diff(8_000) <= 1), "{served:?}");
}
