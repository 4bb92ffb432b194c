//! Tests of when an endpoint is ejected, for how long, and how many are out at a time.

use std::time::Duration;

use super::{DEFAULT_ROW, Pool, SECOND};
use crate::{
    FailureRate, Health, Outliers, SlowStart,
    health::{Admission::Open, Condition},
};

#[test]
fn a_success_ends_the_row() {
    let pool = Pool::pair(None);
    for _ in 0..10 {
        pool.fail(DEFAULT_ROW - 1);
        pool.first().succeed_now(&pool.ward);
    }
    assert_eq!(pool.health(), Health::Available);
}

#[test]
fn nobody_is_ejected_without_a_rule() {
    let pool = Pool::new(2, Outliers::new().consecutive(None), None);
    pool.fail(1_000);
    assert_eq!(pool.health(), Health::Available);
    let mut pool = Pool::pair(None);
    pool.ward.outliers = None;
    pool.fail(1_000);
    assert_eq!(pool.health(), Health::Available);
}

#[test]
fn too_many_failures_in_a_window_eject_though_never_in_a_row() {
    let rate = FailureRate::new(50).min_requests(20).window(10 * SECOND);
    for (gap, ejected_by) in [(SECOND / 10, Some(10)), (SECOND, None)] {
        let pool = Pool::new(2, Outliers::new().consecutive(None).failure_rate(rate), None);
        let failures = (1..=50).find(|_| {
            pool.first().succeed_now(&pool.ward);
            pool.hand.advance(gap);
            pool.fail(1);
            pool.health() == Health::Ejected
        });
        assert_eq!(failures, ejected_by, "every {gap:?}");
    }
}

#[test]
fn the_window_is_empty_after_an_ejection() {
    let rate = FailureRate::new(50).min_requests(20).window(Duration::from_secs(3_600));
    let pool = Pool::new(2, Outliers::new().consecutive(None).failure_rate(rate), None);
    pool.fail(20);
    assert_eq!(pool.health(), Health::Ejected);
    pool.wait_until_due();
    pool.end_trial(Condition::succeeds);
    pool.fail(19);
    assert_eq!(pool.health(), Health::Available);
    pool.fail(1);
    assert_eq!(pool.health(), Health::Ejected);
}

#[test]
fn ejections_grow_and_differ() {
    let pool = Pool::pair(None);
    let mut lengths = Vec::new();
    pool.fail(DEFAULT_ROW);
    for times in 1..=14 {
        let length = pool.wait_until_due();
        let due = (f64::from(times) * 30.0).min(300.0);
        // It was measured in steps of 0.1 s.
        assert!((due * 0.9..=(due * 1.1).min(300.0) + 0.1).contains(&length), "{times}: {length}");
        lengths.push(length / due);
        pool.end_trial(Condition::fails);
        pool.assert_counts(1, 1);
    }
    lengths.sort_unstable_by(f64::total_cmp);
    lengths.dedup();
    assert!(lengths.len() > 5, "{lengths:?}");
}

/// The length of a second ejection that begins after the endpoint was healthy for `secs`.
fn second_ejection_after(secs: u32, slow_start: Option<SlowStart>) -> f64 {
    let pool = Pool::pair(slow_start);
    pool.fail(DEFAULT_ROW);
    pool.wait_until_due();
    pool.end_trial(Condition::succeeds);
    pool.hand.advance(secs * SECOND);
    if secs > 30 {
        assert_eq!(pool.admission(), Open, "and any slow start is over");
    }
    pool.fail(DEFAULT_ROW);
    pool.assert_counts(1, 1);
    pool.wait_until_due()
}

#[test]
fn ejections_are_forgotten_after_the_longest() {
    for slow_start in [None, Some(SlowStart::default())] {
        for (secs, least, most) in [(1, 54.0, 66.1), (299, 54.0, 66.1), (301, 27.0, 33.1)] {
            let length = second_ejection_after(secs, slow_start);
            assert!((least..=most).contains(&length), "{secs}: {length}");
        }
    }
}

#[test]
fn no_more_than_its_share_of_a_pool_is_out() {
    for (members, share, most) in
        [(1, 50, 0), (2, 50, 1), (3, 50, 1), (5, 50, 2), (10, 30, 3), (3, 100, 3), (4, 0, 0)]
    {
        let pool = Pool::new(members, Outliers::new().max_share(share), None);
        for condition in &pool.conditions {
            (0..10).for_each(|_| condition.fail_now(&pool.ward));
        }
        pool.assert_counts(most, most);
    }
}

#[test]
fn who_was_refused_is_ejected_by_the_next_failure() {
    let pool = Pool::pair(None);
    let [first, second] = &pool.conditions[..] else { panic!("a pair") };
    (0..10).for_each(|_| second.fail_now(&pool.ward));
    pool.fail(10);
    assert_eq!(pool.health(), Health::Available);
    second.came_up(&pool.ward);
    assert_eq!(pool.health(), Health::Available);
    first.fail_now(&pool.ward);
    assert_eq!(pool.health(), Health::Ejected);
    pool.assert_counts(1, 1);
}

#[test]
fn a_smaller_pool_brings_nobody_back_but_ejects_nobody_more() {
    let pool = Pool::new(4, Outliers::new(), None);
    pool.fail(DEFAULT_ROW);
    pool.ward.note_members(4, 2);
    (0..10).for_each(|_| pool.conditions[1].fail_now(&pool.ward));
    pool.assert_counts(1, 1);
}
