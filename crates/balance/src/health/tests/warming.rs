//! Tests of how an endpoint comes back.

use super::{DEFAULT_ROW, Pool, SECOND};
use crate::{
    Health, SlowStart,
    health::{
        Admission::{Open, Warming},
        Condition,
    },
};

#[test]
fn warming_takes_exactly_its_part_of_the_turns() {
    let pool = Pool::pair(Some(SlowStart::default()));
    pool.is_down_for(60 * SECOND);
    assert_eq!(pool.health(), Health::SlowStart);
    let turns: Vec<_> = (0..40).map(|_| pool.admission()).collect();
    let due: Vec<_> = (1..=40).map(|turn| if turn % 10 == 0 { Open } else { Warming }).collect();
    assert_eq!(turns, due);
    pool.taken_of(5);
    pool.is_down_for(60 * SECOND);
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
    pool.is_down_for(60 * SECOND);
    assert_eq!(pool.taken_of(10), 10);
    pool.assert_counts(0, 0);
}

#[test]
fn it_warms_up_for_as_long_as_it_was_away_at_most_as_long_as_is_set() {
    for (away, warm_after) in [(2, 2), (29, 29), (31, 30), (3_600, 30)] {
        let pool = Pool::pair(Some(SlowStart::default()));
        pool.hand.advance(100 * SECOND);
        pool.is_down_for(away * SECOND);
        pool.hand.advance(warm_after * SECOND - SECOND / 100);
        assert_eq!(pool.health(), Health::SlowStart, "{away} s");
        pool.hand.advance(SECOND / 100);
        assert_eq!(pool.health(), Health::Available, "{away} s");
    }
}

#[test]
fn an_outage_lasts_from_the_first_ejection_whatever_trials_find() {
    let pool = Pool::pair(Some(SlowStart::over(300 * SECOND)));
    pool.fail(DEFAULT_ROW);
    let mut away = pool.wait_until_due();
    pool.end_trial(Condition::fails);
    away += pool.wait_until_due();
    pool.end_trial(Condition::succeeds);
    assert!(away > 70.0, "{away}");
    pool.hand.advance(SECOND * (away as u32 - 1));
    assert_eq!(pool.health(), Health::SlowStart);
    pool.hand.advance(2 * SECOND);
    assert_eq!(pool.health(), Health::Available);
}

#[test]
fn who_is_warming_may_be_ejected() {
    let pool = Pool::pair(Some(SlowStart::default()));
    pool.is_down_for(SECOND);
    pool.fail(DEFAULT_ROW);
    assert_eq!(pool.health(), Health::Ejected);
    pool.assert_counts(1, 1);
}

#[test]
fn probes_end_an_ejection() {
    let pool = Pool::pair(Some(SlowStart::default()));
    pool.fail(DEFAULT_ROW);
    pool.is_down_for(SECOND);
    assert_eq!(pool.health(), Health::SlowStart);
    pool.assert_counts(0, 1);
    pool.fail(DEFAULT_ROW - 1);
    assert_eq!(pool.health(), Health::SlowStart, "counts from zero again");
}
