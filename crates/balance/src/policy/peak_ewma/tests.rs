use super::*;
use crate::{
    clock::{Clock, Hand},
    policy::tests::{counts, follow, load, timed_set},
};

const MS: Duration = Duration::from_millis(1);

/// Endpoints that were just measured to take so many milliseconds; 0 is one that wasn't measured.
fn measured(millis: &[u32], weights: &[u16]) -> (Set<()>, Hand) {
    let (clock, hand) = Clock::by_hand();
    let set = timed_set(weights, clock);
    for (endpoint, &millis) in set.endpoints().iter().zip(millis).filter(|(_, millis)| **millis > 0) {
        endpoint.latency.observe(set.now(), millis * MS);
    }
    (set, hand)
}

fn pick(policy: &PeakEwma, set: &Set<()>) -> usize {
    policy.pick(&(), set, &Passed::default()).unwrap()
}

#[test]
fn of_two_the_cheaper_always_wins() {
    for (millis, loads, weights, winner) in [
        ([10, 20], [0, 0], [1, 1], 0),
        // 10 x (2 + 1) against 20 x (0 + 1).
        ([10, 20], [2, 0], [1, 1], 1),
        ([10, 20], [0, 0], [1, 3], 1),
        // An endpoint that was never measured is tried while it is idle, ...
        ([1, 0], [0, 0], [1, 1], 1),
        ([1, 0], [0, 0], [9, 1], 1),
        // ... and costs as much as if each request took a second while it has one in flight.
        ([100, 0], [9, 1], [1, 1], 0),
        ([100, 0], [20, 1], [1, 1], 1),
        // None was measured: the less loaded one wins.
        ([0, 0], [3, 2], [1, 1], 1),
        ([0, 0], [1, 0], [1, 1], 1),
    ] {
        let (set, _) = measured(&millis, &weights);
        let _load = load(&set, &loads);
        let policy = PeakEwma::new();
        for _ in 0..20 {
            assert_eq!(pick(&policy, &set), winner, "{millis:?} {loads:?} {weights:?}");
        }
    }
}

#[test]
fn equals_share_evenly() {
    let (set, _) = measured(&[10, 10, 10], &[1, 1, 1]);
    let policy = PeakEwma::seeded(1);
    let counts = counts(100_000, 3, || policy.pick(&(), &set, &Passed::default()));
    assert!(follow(&counts, &[1.0; 3], 0.02), "{counts:?}");
}

#[test]
fn one_that_was_slow_once_is_tried_again() {
    let (set, hand) = measured(&[1, 1_000], &[1, 1]);
    let policy = PeakEwma::new();
    let [fast, slow] = [0, 1].map(|index| &set.endpoints()[index]);
    let mut waited = Duration::ZERO;
    while pick(&policy, &set) == 0 {
        hand.advance(1_000 * MS);
        waited += 1_000 * MS;
        fast.latency.observe(set.now(), MS);
    }
    // A thousandth is left after ln(1,000) x 10 s = 69 s.
    assert!((68..=70).contains(&waited.as_secs()), "{waited:?}");
    // While its trial is in flight, it costs twice what the other does.
    let trial = load(&set, &[0, 1]);
    assert_eq!(pick(&policy, &set), 0);
    drop(trial);
    slow.latency.observe(set.now(), 1_000 * MS);
    assert_eq!(pick(&policy, &set), 0);
}

#[test]
fn after_a_day_without_requests_loads_still_tell() {
    let (set, hand) = measured(&[5, 5], &[1, 1]);
    hand.advance(Duration::from_secs(86_400));
    let _load = load(&set, &[1, 0]);
    let policy = PeakEwma::new();
    assert!((0..20).all(|_| pick(&policy, &set) == 1));
}
