//! Tests of what all policies have in common, and helpers for their tests.

use std::{collections::HashSet, sync::Arc};

use proptest::prelude::*;

use super::*;
use crate::{
    clock::Clock, endpoint::Endpoint, entry::Entry, health::Sent, in_flight::InFlight, rules::Rules,
    settings::Settings, shared::Shared,
};

pub(super) fn set(weights: &[u16]) -> Set<()> {
    timed_set(weights, Clock::new())
}

pub(super) fn timed_set(weights: &[u16], clock: Clock) -> Set<()> {
    set_of(weights.iter().map(|&weight| Entry::new(()).weight(weight)), clock)
}

pub(super) fn set_of(entries: impl IntoIterator<Item = Entry<()>>, clock: Clock) -> Set<()> {
    let shared = Arc::new(Shared::new(Settings::new()));
    let members = (0..).zip(entries).map(|(id, entry)| Endpoint::new(entry, id, Arc::clone(&shared)));
    Set::new(members.collect(), clock, Rules::default())
}

pub(super) fn equal(endpoints: usize) -> Set<()> {
    set(&vec![1; endpoints])
}

pub(super) fn passed(indices: impl IntoIterator<Item = usize>) -> Passed {
    let mut passed = Passed::default();
    indices.into_iter().for_each(|index| assert!(passed.insert(index)));
    passed
}

/// Puts so many requests in flight at each endpoint, until the result is dropped.
pub(super) fn load(set: &Set<()>, loads: &[usize]) -> Vec<InFlight<()>> {
    let copies = |(endpoint, &load)| std::iter::repeat_n(endpoint, load);
    let admitted = set.endpoints().iter().zip(loads).flat_map(copies);
    admitted.map(admit).collect()
}

pub(super) fn admit(endpoint: &Arc<Endpoint<()>>) -> InFlight<()> {
    InFlight::begin(endpoint, Sent::Normally).unwrap()
}

/// How often each endpoint is picked.
pub(super) fn counts(picks: u32, endpoints: usize, pick: impl Fn() -> Option<usize>) -> Vec<u32> {
    let mut counts = vec![0; endpoints];
    (0..picks).for_each(|_| counts[pick().unwrap()] += 1);
    counts
}

/// Whether each count is its share of the sum, within `tolerance` of that share.
pub(super) fn follow(counts: &[u32], shares: &[f64], tolerance: f64) -> bool {
    let (all, whole): (u32, f64) = (counts.iter().sum(), shares.iter().sum());
    let dues = shares.iter().map(|share| share / whole * f64::from(all));
    counts.iter().zip(dues).all(|(&count, due)| (f64::from(count) - due).abs() <= tolerance * due)
}

type Pick = Box<dyn Fn(&Set<()>, &Passed) -> Option<usize>>;

fn every_policy() -> [Pick; 6] {
    fn of(policy: impl Policy<u64> + 'static) -> Pick {
        Box::new(move |set, passed| policy.pick(&7, set, passed))
    }
    [
        of(RoundRobin::new()),
        of(Random::new()),
        of(LeastLoaded::new()),
        of(PeakEwma::new()),
        of(Hash::by(|&key: &u64| Key::from(key))),
        of(Hash::by(|_: &u64| None)),
    ]
}

#[test]
fn the_only_one_is_picked_and_nobody_of_none() {
    for pick in every_policy() {
        assert_eq!(pick(&equal(1), &Passed::default()), Some(0));
        assert_eq!(pick(&equal(0), &Passed::default()), None);
        assert_eq!(pick(&equal(1_000), &passed((0..1_000).filter(|&index| index != 700))), Some(700));
    }
}

#[test]
fn a_weight_of_zero_that_is_not_yet_in_the_set_harms_nobody() {
    let set = equal(2);
    let _load = load(&set, &[1, 1]);
    for paused in [&[1][..], &[0, 1]] {
        paused.iter().for_each(|&index| set.endpoints()[index].set_weight(0));
        for pick in every_policy() {
            assert!(pick(&set, &Passed::default()).is_some());
            assert_eq!(pick(&set, &passed([0])), Some(1));
        }
    }
}

#[test]
fn only_the_one_that_reads_latencies_has_them_measured() {
    fn penalty(policy: impl Policy<()>) -> Option<Duration> {
        policy.failure_penalty()
    }
    assert_eq!(penalty(PeakEwma::new()), Some(Duration::from_secs(1)));
    assert_eq!(penalty(PeakEwma::new().failure_penalty(Duration::ZERO)), Some(Duration::ZERO));
    assert_eq!(penalty(RoundRobin::new()), None);
    assert_eq!(penalty(LeastLoaded::new()), None);
}

proptest! {
    /// A pick is of an open endpoint as long as there is one, and `None` when there is none.
    #[test]
    fn nobody_is_picked_who_was_passed_over(
        endpoints in prop::collection::vec((1..=5_u16, 0..4_usize, any::<bool>()), 1..130),
    ) {
        let weights: Vec<u16> = endpoints.iter().map(|&(weight, ..)| weight).collect();
        let loads: Vec<usize> = endpoints.iter().map(|&(_, load, _)| load).collect();
        let set = set(&weights);
        let _load = load(&set, &loads);
        let passed = passed((0..endpoints.len()).filter(|&index| endpoints[index].2));
        for pick in every_policy() {
            let mut passed = passed.clone();
            while let Some(index) = pick(&set, &passed) {
                prop_assert!(passed.insert(index), "{} again", index);
            }
            prop_assert_eq!(passed.len(), endpoints.len());
        }
    }

    /// The same seed and the same calls give the same picks. A clone begins as the original did.
    #[test]
    fn seeds_decide(seed: u64, weights in prop::collection::vec(1..=5_u16, 2..20)) {
        fn picks(policy: &impl Policy<()>, set: &Set<()>) -> Vec<Option<usize>> {
            let passed = [Passed::default(), passed([1]), Passed::default()];
            passed.iter().cycle().take(40).map(|passed| policy.pick(&(), set, passed)).collect()
        }
        fn check<P: Policy<()> + Clone>(seeded: impl Fn(u64) -> P, seed: u64, set: &Set<()>) -> bool {
            let policy = seeded(seed);
            let first = picks(&policy, set);
            first == picks(&seeded(seed), set) && first == picks(&policy.clone(), set)
        }
        let set = set(&weights);
        prop_assert!(check(Random::seeded, seed, &set));
        prop_assert!(check(LeastLoaded::seeded, seed, &set));
        prop_assert!(check(PeakEwma::seeded, seed, &set));
        prop_assert!(check(|seed| Hash::by(|_: &()| None).seeded(seed), seed, &set));
    }
}

#[test]
fn without_a_seed_picks_differ() {
    fn picks(policy: &impl Policy<()>) -> Vec<Option<usize>> {
        let set = equal(1_000);
        (0..20).map(|_| policy.pick(&(), &set, &Passed::default())).collect()
    }
    fn differ<P: Policy<()> + Clone>(policy: &P) -> bool {
        let runs = [picks(policy), picks(policy), picks(&policy.clone()), picks(&policy.clone())];
        HashSet::from(runs).len() == 4
    }
    assert!(differ(&Random::new()) && differ(&LeastLoaded::new()) && differ(&PeakEwma::new()));
    assert!(differ(&Hash::by(|_: &()| None)));
}
