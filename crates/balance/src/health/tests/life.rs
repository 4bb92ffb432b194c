//! Tests of the way from healthy to ejected, on trial, in a slow start and healthy again; and of reports that come
//! late.

use super::{DEFAULT_ROW, Pool, SECOND};
use crate::{
    Health, SlowStart,
    health::{
        Admission::{Due, Ejected, Open},
        Condition, Pass,
        Sent::{AsLastResort, Normally, OnTrial},
        Ward,
    },
};

#[test]
fn from_well_to_well() {
    let pool = Pool::pair(Some(SlowStart::default()));
    assert_eq!((pool.health(), pool.admission()), (Health::Available, Open));

    pool.fail(DEFAULT_ROW - 1);
    assert_eq!(pool.health(), Health::Available);
    pool.fail(1);
    assert_eq!((pool.health(), pool.admission()), (Health::Ejected, Ejected));
    pool.assert_counts(1, 1);

    assert!(pool.claim_trial().is_none(), "before the ejection is over");
    pool.wait_until_due();
    assert_eq!((pool.health(), pool.admission()), (Health::Ejected, Due));
    let trial = pool.claim_trial().unwrap();
    assert!(pool.claim_trial().is_none(), "twice");
    assert_eq!((pool.health(), pool.admission()), (Health::Trial, Ejected));
    pool.assert_counts(1, 1);

    assert!(pool.first().succeeded(&pool.ward, trial));
    assert_eq!(pool.health(), Health::SlowStart);
    pool.assert_counts(0, 1);

    pool.hand.advance(30 * SECOND);
    assert_eq!(pool.health(), Health::Available, "before a pick has noticed");
    pool.assert_counts(0, 1);
    assert_eq!(pool.admission(), Open);
    pool.assert_counts(0, 0);
    pool.fail(DEFAULT_ROW - 1);
    assert_eq!(pool.health(), Health::Available, "counts from zero again");
}

#[test]
fn without_slow_start_it_is_well_at_once() {
    let pool = Pool::pair(None);
    pool.fail(DEFAULT_ROW);
    pool.wait_until_due();
    pool.end_trial(Condition::succeeds);
    assert_eq!((pool.health(), pool.admission()), (Health::Available, Open));
    pool.assert_counts(0, 0);
}

#[test]
fn what_was_sent_before_has_no_say() {
    let pool = Pool::pair(None);
    let before = pool.first().pass(Normally);
    let outcomes = [Condition::fails, Condition::succeeds];
    let tell = || outcomes.map(|outcome| (0..10).for_each(|_| outcome(pool.first(), &pool.ward, before)));
    pool.fail(DEFAULT_ROW);
    let ejected = pool.first().state();
    tell();
    assert_eq!(pool.first().state(), ejected);
    pool.wait_until_due();
    let trial = pool.claim_trial().unwrap();
    tell();
    assert_eq!(pool.health(), Health::Trial);
    pool.assert_counts(1, 1);
    pool.first().succeeds(&pool.ward, trial);
    // It is healthy again, in another life: the failure was of a request from before the ejection.
    tell();
    assert_eq!(pool.health(), Health::Available);
    pool.fail(DEFAULT_ROW - 1);
    pool.first().succeeds(&pool.ward, before);
    assert_eq!(pool.health(), Health::Available);
    pool.fail(1);
    assert_eq!(pool.health(), Health::Ejected, "and what went well then ends no row of now");
}

#[test]
fn a_trial_given_up_is_open_to_the_next_at_once() {
    let pool = Pool::pair(None);
    pool.fail(DEFAULT_ROW);
    pool.wait_until_due();
    let trial = pool.claim_trial().unwrap();
    pool.first().abandon_trial(&pool.ward, trial);
    assert_eq!((pool.health(), pool.admission()), (Health::Ejected, Due));
    pool.assert_counts(1, 1);
    pool.end_trial(Condition::fails);
    assert!((54.0..66.1).contains(&pool.wait_until_due()), "a trial without an outcome is no ejection");
}

/// All ways in which a trial may end.
const ENDS: [fn(&Condition, &Ward, Pass); 3] =
    [Condition::fails, Condition::succeeds, Condition::abandon_trial];

#[test]
fn a_trial_that_was_overtaken_decides_nothing() {
    for end in ENDS {
        let pool = Pool::pair(Some(SlowStart::default()));
        pool.fail(DEFAULT_ROW);
        pool.wait_until_due();
        let trial = pool.claim_trial().unwrap();
        pool.first().came_up(&pool.ward);
        let before = pool.first().state();
        pool.hand.advance(SECOND);
        end(pool.first(), &pool.ward, trial);
        assert_eq!(pool.first().state(), before);
        pool.assert_counts(0, 1);
    }
}

#[test]
fn only_its_own_outcome_decides_a_trial() {
    for end in ENDS {
        let pool = Pool::pair(None);
        pool.fail(DEFAULT_ROW);
        pool.wait_until_due();
        let first = pool.claim_trial().unwrap();
        pool.hand.advance(SECOND);
        pool.first().came_up(&pool.ward);
        pool.fail(DEFAULT_ROW);
        pool.wait_until_due();
        let second = pool.claim_trial().unwrap();
        end(pool.first(), &pool.ward, first);
        assert_eq!(pool.health(), Health::Trial, "the second goes on");
        pool.first().succeeds(&pool.ward, second);
        assert_eq!(pool.health(), Health::Available);
    }
}

#[test]
fn a_last_resort_counts_in_the_ejection_that_it_was_sent_in() {
    let pool = Pool::pair(None);
    pool.fail(DEFAULT_ROW);
    let first = pool.first().pass(AsLastResort);
    pool.hand.advance(SECOND);
    pool.first().came_up(&pool.ward);
    pool.fail(DEFAULT_ROW);
    let second = pool.first().pass(AsLastResort);
    assert!(!pool.first().succeeded(&pool.ward, first));
    assert_eq!(pool.health(), Health::Ejected);
    assert!(pool.first().succeeded(&pool.ward, second));
    assert_eq!(pool.health(), Health::Available);
}

#[test]
fn who_left_stays_away() {
    let prepare: [fn(&Pool); 5] = [
        |_| {},
        |pool| pool.fail(DEFAULT_ROW),
        |pool| {
            pool.fail(DEFAULT_ROW);
            pool.wait_until_due();
            pool.claim_trial().unwrap();
        },
        |pool| pool.first().came_up(&pool.ward),
        |pool| pool.first().leave(&pool.ward),
    ];
    for prepare in prepare {
        let pool = Pool::pair(Some(SlowStart::default()));
        let before = [Normally, OnTrial, AsLastResort].map(|sent| pool.first().pass(sent));
        prepare(&pool);
        let prepared = [Normally, OnTrial, AsLastResort].map(|sent| pool.first().pass(sent));
        pool.first().leave(&pool.ward);
        pool.assert_counts(0, 0);
        let since = [Normally, OnTrial, AsLastResort].map(|sent| pool.first().pass(sent));
        for pass in [before, prepared, since].into_iter().flatten() {
            pool.first().succeeds(&pool.ward, pass);
            (0..10).for_each(|_| pool.first().fails(&pool.ward, pass));
            pool.first().abandon_trial(&pool.ward, pass);
        }
        pool.first().came_up(&pool.ward);
        assert!(pool.claim_trial().is_none());
        assert_eq!((pool.health(), pool.admission()), (Health::Draining, Ejected));
        pool.assert_counts(0, 0);
    }
}
