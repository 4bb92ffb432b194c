use super::*;
use crate::policy::tests::{counts, equal, follow, passed, set};

const PICKS: u32 = 2_000_000;

#[test]
fn shares_follow_weights() {
    for weights in [&[1, 1][..], &[3, 1], &[5, 1, 1], &[10, 20, 30, 40], &[1; 10]] {
        let (policy, set) = (Random::seeded(1), set(weights));
        let counts = counts(PICKS, weights.len(), || policy.pick(&(), &set, &Passed::default()));
        let shares: Vec<f64> = weights.iter().map(|&weight| f64::from(weight)).collect();
        assert!(follow(&counts, &shares, 0.01), "{weights:?}: {counts:?}");
    }
}

#[test]
fn the_share_of_one_that_is_passed_over_goes_to_all_others_by_weight() {
    let (policy, set, passed) = (Random::seeded(1), set(&[3, 1, 2, 2]), passed([0]));
    let counts = counts(PICKS, 4, || policy.pick(&(), &set, &passed));
    assert!(follow(&counts[1..], &[1.0, 2.0, 2.0], 0.01), "{counts:?}");
    assert_eq!(counts[0], 0);
}

#[test]
fn the_few_that_are_left_are_found() {
    let (policy, set) = (Random::seeded(1), equal(10_000));
    let passed = passed((0..10_000).filter(|index| index % 5_000 != 0));
    let counts = counts(1_000, 10_000, || policy.pick(&(), &set, &passed));
    assert!(follow(&[counts[0], counts[5_000]], &[1.0, 1.0], 0.1), "{} {}", counts[0], counts[5_000]);
}
