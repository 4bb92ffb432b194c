use super::*;
use crate::policy::tests::{equal, passed};

fn pick(policy: &RoundRobin, set: &Set<()>) -> usize {
    policy.pick(&(), set, &Passed::default()).unwrap()
}

#[test]
fn wrapping_neither_panics_nor_leaves_the_set() {
    let policy = RoundRobin { tickets: AtomicU64::new(u64::MAX - 3) };
    let set = equal(3);
    // u64::MAX - 3 is 0 in thirds; after ticket u64::MAX comes ticket 0, and the cycle in between is cut short.
    let picks: Vec<usize> = (0..10).map(|_| pick(&policy, &set)).collect();
    assert_eq!(picks, [0, 1, 2, 0, 0, 1, 2, 0, 1, 2]);
}

#[test]
fn a_cycle_whose_length_is_a_power_of_two_wraps_without_a_seam() {
    let policy = RoundRobin { tickets: AtomicU64::new(u64::MAX - 3) };
    let set = equal(4);
    let picks: Vec<usize> = (0..8).map(|_| pick(&policy, &set)).collect();
    assert_eq!(picks, [0, 1, 2, 3, 0, 1, 2, 3]);
}

#[test]
fn each_one_passed_over_costs_a_ticket() {
    let (policy, set) = (RoundRobin::new(), equal(4));
    assert_eq!(policy.pick(&(), &set, &passed([0, 1])), Some(2));
    assert_eq!(policy.tickets.load(Ordering::Relaxed), 3);
    assert_eq!(policy.pick(&(), &set, &passed([3, 0])), Some(1));
    assert_eq!(policy.tickets.load(Ordering::Relaxed), 6);
}

#[test]
fn passing_over_wraps_too() {
    let (policy, set) = (RoundRobin { tickets: AtomicU64::new(u64::MAX) }, equal(4));
    assert_eq!(policy.pick(&(), &set, &passed([3])), Some(0));
    assert_eq!(policy.tickets.load(Ordering::Relaxed), 1);
}

#[test]
fn with_all_passed_over_there_is_no_pick() {
    let (policy, set) = (RoundRobin::new(), equal(70));
    assert_eq!(policy.pick(&(), &set, &passed(0..70)), None);
    assert_eq!(policy.tickets.load(Ordering::Relaxed), 0);
}

#[test]
fn a_clone_starts_with_the_first() {
    let (policy, set) = (RoundRobin::new(), equal(2));
    assert_eq!([pick(&policy, &set), pick(&policy.clone(), &set), pick(&policy, &set)], [0, 0, 1]);
}
