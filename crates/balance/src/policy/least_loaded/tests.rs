use proptest::prelude::*;

use super::*;
use crate::policy::tests::{admit, counts, equal, follow, load, passed, set};

#[test]
fn of_two_the_less_loaded_for_its_weight_always_wins() {
    for (loads, weights, winner) in [
        ([0, 1], [1, 1], 0),
        ([8, 7], [1, 1], 1),
        // Even weights change nothing: (3 + 1) / 9 against (2 + 1) / 9.
        ([3, 2], [9, 9], 1),
        // (5 + 1) / 4 against (1 + 1) / 1.
        ([5, 1], [4, 1], 0),
        // (8 + 1) / 4 against (1 + 1) / 1.
        ([8, 1], [4, 1], 1),
        // Idle: 1 / 3 against 1 / 1.
        ([0, 0], [1, 3], 1),
        // What both have in flight is odd for the heaviest weights: 1 / 65,535 against 1 / 65,534.
        ([0, 0], [u16::MAX, u16::MAX - 1], 0),
    ] {
        let (policy, set) = (LeastLoaded::new(), set(&weights));
        let _load = load(&set, &loads);
        for _ in 0..20 {
            assert_eq!(policy.pick(&(), &set, &Passed::default()), Some(winner), "{loads:?} {weights:?}");
        }
    }
}

#[test]
fn ties_go_to_either() {
    // (5 + 1) / 3 against (1 + 1) / 1, and both idle.
    for (loads, weights) in [([5, 1], [3, 1]), ([0, 0], [1, 1])] {
        let (policy, set) = (LeastLoaded::seeded(1), set(&weights));
        let _load = load(&set, &loads);
        let counts = counts(100_000, 2, || policy.pick(&(), &set, &Passed::default()));
        assert!(follow(&counts, &[1.0, 1.0], 0.02), "{counts:?}");
    }
}

/// Of n endpoints in the order of their loads, the r-th least loaded wins against the n - 1 - r that have more.
#[test]
fn every_pair_is_as_likely_as_any() {
    let (policy, set) = (LeastLoaded::seeded(1), equal(5));
    let _load = load(&set, &[2, 0, 4, 1, 3]);
    let all = counts(200_000, 5, || policy.pick(&(), &set, &Passed::default()));
    assert_eq!(all[2], 0, "the worst of all is never the better of two different ones");
    assert!(follow(&[all[1], all[3], all[0], all[4]], &[4.0, 3.0, 2.0, 1.0], 0.02), "{all:?}");
    let without_the_first = counts(200_000, 5, || policy.pick(&(), &set, &passed([1])));
    let [first, second, third] = [3, 0, 4].map(|index| without_the_first[index]);
    assert!(follow(&[first, second, third], &[3.0, 2.0, 1.0], 0.02), "{without_the_first:?}");
    assert_eq!((without_the_first[1], without_the_first[2]), (0, 0));
}

/// Balls into bins: of n requests that never end on n endpoints, the most loaded endpoint has log2(log2(n)) + O(1).
/// With random picks it would have log(n) / log(log(n)).
#[test]
fn two_choices_are_nearly_even() {
    let (policy, set) = (LeastLoaded::seeded(1), equal(10_000));
    let mut in_flight = vec![];
    for _ in 0..10_000 {
        let index = policy.pick(&(), &set, &Passed::default()).unwrap();
        in_flight.push(admit(&set.endpoints()[index]));
    }
    let most = set.endpoints().iter().map(|endpoint| endpoint.in_flight()).max();
    assert!(most.is_some_and(|most| most <= 4), "{most:?}");
}

proptest! {
    /// The endpoint with the most in flight for its weight never wins while another is open.
    #[test]
    fn the_most_loaded_never_wins(
        endpoints in prop::collection::vec((1..=9_u16, 0..9_usize, any::<bool>()), 2..100),
    ) {
        let open: Vec<usize> = (0..endpoints.len()).filter(|&index| endpoints[index].2).collect();
        let cost = |index: usize| (endpoints[index].1 + 1) as f64 / f64::from(endpoints[index].0);
        let most = open.iter().copied().max_by(|&one, &other| cost(one).total_cmp(&cost(other)));
        prop_assume!(most.is_some_and(|most| open.iter().filter(|&&index| cost(index) == cost(most)).count() == 1));
        prop_assume!(open.len() > 1);
        let set = set(&endpoints.iter().map(|&(weight, ..)| weight).collect::<Vec<_>>());
        let _load = load(&set, &endpoints.iter().map(|&(_, load, _)| load).collect::<Vec<_>>());
        let passed = passed((0..endpoints.len()).filter(|&index| !endpoints[index].2));
        let policy = LeastLoaded::new();
        for _ in 0..20 {
            prop_assert_ne!(policy.pick(&(), &set, &passed), most);
        }
    }
}
