//! How an endpoint comes back.

use super::{DEFAULT_ROW, Pool, SECOND};
use crate::{
    Health, SlowStart,
    health::Admission::{Open, Warming},
};

#[test]
fn warming_takes_exactly_its_part_of_the_turns() {
    let pool = Pool::pair(Some(SlowStart::default()));
    pool.first().came_up(&pool.ward);
    assert_eq!(pool.health(), Health::SlowStart);
    let turns: Vec<_> = (0..40).map(|_| pool.admission()).collect();
    let due: Vec<_> = (1..=40).map(|turn| if turn % 10 == 0 { Open } else { Warming }).collect();
    assert_eq!(turns, due);
    pool.taken_of(5);
    pool.first().came_up(&pool.ward);
    assert_eq!((pool.taken_of(9), pool.admission()), (0, Open), "counts from zero again");
    for (secs, taken) in [(10, 400), (10, 700), (9, 970)] {
        pool.hand.advance(secs * SECOND);
        assert!(pool.taken_of(1_000).abs_diff(taken) <= 1, "{taken}");
    }
    pool.hand.advance(SECOND);
    assert_eq!(pool.taken_of(1_000), 1_000);
    pool.assert_counts(0, 0);
}

#[test]
fn nobody_warms_up_at_the_start_or_without_a_slow_start() {
    let pool = Pool::pair(Some(SlowStart::default()));
    assert_eq!(pool.taken_of(10), 10);
    let pool = Pool::pair(None);
    pool.first().came_up(&pool.ward);
    assert_eq!(pool.taken_of(10), 10);
    pool.assert_counts(0, 0);
}

#[test]
fn who_is_warming_may_be_ejected() {
    let pool = Pool::pair(Some(SlowStart::default()));
    pool.first().came_up(&pool.ward);
    pool.fail(DEFAULT_ROW);
    assert_eq!(pool.health(), Health::Ejected);
    pool.assert_counts(1, 1);
}

#[test]
fn probes_end_an_ejection() {
    let pool = Pool::pair(Some(SlowStart::default()));
    pool.fail(DEFAULT_ROW);
    pool.first().came_up(&pool.ward);
    assert_eq!(pool.health(), Health::SlowStart);
    pool.assert_counts(0, 1);
    pool.fail(DEFAULT_ROW - 1);
    assert_eq!(pool.health(), Health::SlowStart, "counts from zero again");
}
