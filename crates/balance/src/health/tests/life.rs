//! From well to ejected, on trial, warming, and well again; and out of turn.

use super::{DEFAULT_ROW, Pool, SECOND};
use crate::{
    Health, SlowStart,
    health::{
        Admission::{Due, Ejected, Open},
        Condition,
        Sent::{self, Normally, OnTrial},
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

    assert!(!pool.first().claim_trial(&pool.ward), "before the ejection is over");
    pool.wait_until_due();
    assert_eq!((pool.health(), pool.admission()), (Health::Ejected, Due));
    assert!(pool.first().claim_trial(&pool.ward));
    assert!(!pool.first().claim_trial(&pool.ward), "twice");
    assert_eq!((pool.health(), pool.admission()), (Health::Trial, Ejected));
    pool.assert_counts(1, 1);

    pool.first().succeeded(&pool.ward, OnTrial);
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
    pool.end_trial(Condition::succeeded);
    assert_eq!((pool.health(), pool.admission()), (Health::Available, Open));
    pool.assert_counts(0, 0);
}

#[test]
fn what_was_sent_before_has_no_say() {
    let pool = Pool::pair(None);
    pool.fail(DEFAULT_ROW);
    for normal in [Condition::failed, Condition::succeeded] {
        let before = pool.first().state();
        (0..10).for_each(|_| normal(pool.first(), &pool.ward, Normally));
        assert_eq!(pool.first().state(), before);
    }
    pool.wait_until_due();
    assert!(pool.first().claim_trial(&pool.ward));
    for normal in [Condition::failed, Condition::succeeded] {
        (0..10).for_each(|_| normal(pool.first(), &pool.ward, Normally));
        assert_eq!(pool.health(), Health::Trial);
    }
    pool.assert_counts(1, 1);
}

#[test]
fn a_trial_given_up_is_open_to_the_next_at_once() {
    let pool = Pool::pair(None);
    pool.fail(DEFAULT_ROW);
    pool.wait_until_due();
    assert!(pool.first().claim_trial(&pool.ward));
    pool.first().abandon_trial(&pool.ward);
    assert_eq!((pool.health(), pool.admission()), (Health::Ejected, Due));
    pool.assert_counts(1, 1);
    pool.end_trial(Condition::failed);
    assert!((54.0..66.1).contains(&pool.wait_until_due()), "a trial without an outcome is no ejection");
}

#[test]
fn a_trial_that_was_overtaken_decides_nothing() {
    for end in [Condition::failed, Condition::succeeded, |condition: &Condition, ward: &Ward, _: Sent| {
        condition.abandon_trial(ward);
    }] {
        let pool = Pool::pair(Some(SlowStart::default()));
        pool.fail(DEFAULT_ROW);
        pool.wait_until_due();
        assert!(pool.first().claim_trial(&pool.ward));
        pool.first().came_up(&pool.ward);
        let before = pool.first().state();
        pool.hand.advance(SECOND);
        end(pool.first(), &pool.ward, OnTrial);
        assert_eq!(pool.first().state(), before);
        pool.assert_counts(0, 1);
    }
}

#[test]
fn who_left_stays_away() {
    let prepare: [fn(&Pool); 5] = [
        |_| {},
        |pool| pool.fail(DEFAULT_ROW),
        |pool| {
            pool.fail(DEFAULT_ROW);
            pool.wait_until_due();
            assert!(pool.first().claim_trial(&pool.ward));
        },
        |pool| pool.first().came_up(&pool.ward),
        |pool| pool.first().leave(&pool.ward),
    ];
    for prepare in prepare {
        let pool = Pool::pair(Some(SlowStart::default()));
        prepare(&pool);
        pool.first().leave(&pool.ward);
        pool.assert_counts(0, 0);
        for sent in [Normally, OnTrial] {
            pool.first().succeeded(&pool.ward, sent);
            (0..10).for_each(|_| pool.first().failed(&pool.ward, sent));
        }
        pool.first().came_up(&pool.ward);
        pool.first().abandon_trial(&pool.ward);
        assert!(!pool.first().claim_trial(&pool.ward));
        assert_eq!((pool.health(), pool.admission()), (Health::Draining, Ejected));
        pool.assert_counts(0, 0);
    }
}
