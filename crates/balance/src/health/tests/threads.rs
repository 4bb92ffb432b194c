use std::time::Duration;

use super::Pool;
use crate::{
    Dice, Outliers, SlowStart,
    health::{
        Admission, Condition, Fault, Pass,
        Sent::{Normally, OnTrial},
        Ward,
    },
};

const THREADS: u64 = 8;
const STEPS: usize = 20_000;

/// One request or another event of an endpoint's life, at random. A trial that was claimed is ended.
fn step(condition: &Condition, ward: &Ward, random: &Dice) {
    match (random.below(100), condition.ejection()) {
        (0, _) => return condition.came_up(ward),
        (1..10, Some(ejection)) => return condition.was_not_reached(ward, ejection.life),
        (10..20, Some(ejection)) => {
            condition.was_reached(ward, ejection.life);
            return;
        }
        _ => {}
    }
    let trial = match condition.admission(ward) {
        Admission::Due => condition.claim_trial(ward),
        _ => None,
    };
    let pass = trial.unwrap_or_else(|| condition.pass(Normally));
    match random.below(8) {
        0 if pass.sent == OnTrial => condition.abandon_trial(ward, pass),
        0..=2 => condition.succeeds(ward, pass),
        3 | 4 => {
            condition.failed(ward, pass, Fault::Connecting);
        }
        _ => condition.fails(ward, pass),
    }
}

#[test]
fn eight_threads_never_take_a_place_too_many() {
    let milli = Duration::from_millis(1);
    for slow_start in [None, Some(SlowStart::over(5 * milli))] {
        let pool = Pool::new(9, Outliers::new().consecutive(2).ejection(milli, 4 * milli), slow_start);
        let ejected: Vec<u64> = std::thread::scope(|threads| {
            let begun: Vec<_> = (0..THREADS)
                .map(|seed| {
                    let pool = &pool;
                    threads.spawn(move || {
                        let random = Dice::seeded(seed);
                        let most = (0..STEPS).map(|_| {
                            let condition = &pool.conditions[random.below(pool.conditions.len())];
                            step(condition, &pool.ward, &random);
                            pool.hand.advance(milli / 50);
                            pool.ward.counted().0
                        });
                        most.max().unwrap()
                    })
                })
                .collect();
            begun.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        // Half of nine. That it was reached shows that the bound was tested.
        assert_eq!(ejected.into_iter().max(), Some(4), "the most that were out at a time");
        assert_eq!(pool.ward.counted(), pool.states());

        std::thread::scope(|threads| {
            for condition in pool.conditions.iter().chain(&pool.conditions) {
                threads.spawn(|| condition.leave(&pool.ward));
            }
        });
        assert_eq!((pool.ward.counted(), pool.ward.is_all_well()), ((0, 0), true));
    }
}

#[test]
fn of_eight_threads_one_gets_the_trial() {
    let pool = Pool::new(2, Outliers::new(), None);
    let condition = &pool.conditions[0];
    for _ in 0..200 {
        (0..5).for_each(|_| condition.fail_now(&pool.ward));
        pool.hand.advance(Duration::from_secs(300));
        let claims: Vec<Pass> = std::thread::scope(|threads| {
            let begun: Vec<_> =
                (0..THREADS).map(|_| threads.spawn(|| condition.claim_trial(&pool.ward))).collect();
            begun.into_iter().filter_map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(claims.len(), 1);
        condition.succeeds(&pool.ward, claims[0]);
    }
}
