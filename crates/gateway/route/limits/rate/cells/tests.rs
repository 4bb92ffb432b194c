use super::*;

/// A limit by hand: so many requests at once, of a tick each.
fn takes(cells: &Cells, hash: u64, now: u64, burst: u64) -> bool {
    let decide = |over: Option<u64>| {
        let over = over.unwrap_or(now).max(now);
        if over + 1 > now + burst { Err(()) } else { Ok(((), over + 1)) }
    };
    cells.change(hash, || now, decide).is_ok()
}

/// A hash of the first set, whose tag is this.
#[cfg(not(model))]
fn key(tag: u64) -> u64 {
    tag << TIME_BITS
}

#[cfg(not(model))]
mod without_loom {
    use std::collections::BTreeMap;
    use std::sync::Barrier;
    use std::thread;

    use proptest::prelude::*;

    use super::*;

    const HORIZON: u64 = 1000;

    #[test]
    fn a_key_has_its_burst_and_gets_it_back() {
        let cells = Cells::new(8, HORIZON);
        for now in [5, 100, 200] {
            let let_in = (0..20).filter(|_| takes(&cells, key(1), now, 10)).count();
            assert_eq!(let_in, 10, "at {now}");
        }
        assert!(!takes(&cells, key(1), 200, 10));
        assert!(takes(&cells, key(1), 201, 10), "one tick is one request");
        assert!(!takes(&cells, key(1), 201, 10));
    }

    #[test]
    fn a_flood_of_keys_frees_nobody_who_is_at_the_limit() {
        let cells = Cells::new(8, HORIZON);
        (0..10).for_each(|_| assert!(takes(&cells, key(1), 0, 10)));
        for newcomer in 2..10_000 {
            assert!(takes(&cells, key(newcomer), 0, 10), "a newcomer is never over its limit");
        }
        assert!(!takes(&cells, key(1), 0, 10), "it was forgotten");
    }

    /// It takes seven others as deep in debt, and one more.
    #[test]
    fn to_be_forgotten_costs_as_much_as_the_whole_set_may_send() {
        let cells = Cells::new(8, HORIZON);
        (0..8).for_each(|tag| (0..10).for_each(|_| assert!(takes(&cells, key(tag), 0, 10))));
        assert!((0..8).all(|tag| !takes(&cells, key(tag), 0, 10)));
        assert!(takes(&cells, key(8), 0, 10));
        let freed = (0..8).filter(|tag| takes(&cells, key(*tag), 0, 10)).count();
        assert_eq!(freed, 1, "one newcomer frees one");
    }

    /// The time of a cell begins anew after 2^40 ticks. What was written before is no debt then.
    #[test]
    fn a_cell_that_is_older_than_its_time_is_empty() {
        let cells = Cells::new(8, HORIZON);
        (0..10).for_each(|_| assert!(takes(&cells, key(1), 50, 10)));
        for later in [TIME_MASK / 2, TIME_MASK - HORIZON, TIME_MASK + 1 + 60] {
            let let_in = (0..20).filter(|_| takes(&cells, key(1), later, 10)).count();
            assert_eq!(let_in, 10, "at {later}");
        }
    }

    #[test]
    fn the_room_is_what_was_asked_for() {
        for (keys, sets) in [(1, 1), (8, 1), (9, 2), (65_536, 8192)] {
            let cells = Cells::new(keys, HORIZON);
            assert!(cells.sets.get().is_none(), "nothing is made before the first request");
            takes(&cells, 0, 0, 1);
            assert_eq!(cells.sets.get().unwrap().len(), sets);
        }
        assert_eq!(size_of::<Set>(), 64);
    }

    #[test]
    fn of_many_threads_exactly_the_burst_passes() {
        const THREADS: usize = 4;
        for round in 0..200 {
            let (cells, start) = (Cells::new(8, HORIZON), Barrier::new(THREADS));
            let try_some = || {
                start.wait();
                (0..5).filter(|_| takes(&cells, key(round), 7, 10)).count()
            };
            let let_in: usize = thread::scope(|scope| {
                let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(try_some)).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).sum()
            });
            assert_eq!(let_in, 10, "round {round}");
        }
    }

    proptest! {
        /// Up to eight keys in one set are counted as if each had a counter of its own.
        #[test]
        fn keys_do_not_count_for_each_other(
            asked in proptest::collection::vec((0_u64..8, 0_u64..4), 0..300),
            burst in 1_u64..20,
        ) {
            let cells = Cells::new(8, HORIZON);
            let mut model = BTreeMap::new();
            let mut now = 0;
            for (tag, pause) in asked {
                now += pause;
                let over: &mut u64 = model.entry(tag).or_default();
                let free = (*over).max(now) < now + burst;
                if free {
                    *over = (*over).max(now) + 1;
                }
                prop_assert_eq!(takes(&cells, key(tag), now, burst), free);
            }
        }
    }
}

#[cfg(model)]
mod with_loom {
    use loom::sync::Arc;
    use loom::thread;

    use super::*;

    /// All orders of events with up to three preemptions.
    fn bounded() -> loom::model::Builder {
        let mut model = loom::model::Builder::new();
        model.preemption_bound = Some(3);
        model
    }

    /// Two requests of one key and one of another: no request of the key is lost, whoever takes which cell.
    #[test]
    fn of_one_key_no_request_is_lost() {
        bounded().check(|| {
            let cells = Arc::new(Cells::new(WAYS, 100));
            cells.sets.get_or_init(|| Box::new([Set::new()]));
            let ask = |tag: u64| {
                let cells = Arc::clone(&cells);
                thread::spawn(move || takes(&cells, tag << TIME_BITS, 5, 1))
            };
            let (one, other, third) = (ask(1), ask(1), ask(2));
            let let_in = [one.join().unwrap(), other.join().unwrap()].into_iter().filter(|it| *it).count();
            assert_eq!(let_in, 1, "the burst is one");
            assert!(third.join().unwrap());
            assert!(!takes(&cells, 1 << TIME_BITS, 5, 1));
        });
    }

    /// A request is taken back while another of its key asks: there is room for one, whoever comes first.
    #[test]
    fn what_is_taken_back_is_free_again() {
        bounded().check(|| {
            let cells = Arc::new(Cells::new(WAYS, 100));
            cells.sets.get_or_init(|| Box::new([Set::new()]));
            let other = thread::spawn({
                let cells = Arc::clone(&cells);
                move || takes(&cells, 1 << TIME_BITS, 5, 1)
            });
            if takes(&cells, 1 << TIME_BITS, 5, 1) {
                cells.relieve(1 << TIME_BITS, || 5, 1);
            }
            let has_passed = other.join().unwrap();
            assert_eq!(takes(&cells, 1 << TIME_BITS, 5, 1), !has_passed);
        });
    }

    /// A newcomer takes over the cell with the least debt while that key asks again.
    #[test]
    fn who_is_deep_in_debt_stays() {
        bounded().check(|| {
            let cells = Arc::new(Cells::new(WAYS, 100));
            cells.sets.get_or_init(|| Box::new([Set::new()]));
            (0..3).for_each(|_| assert!(takes(&cells, 1 << TIME_BITS, 5, 3)));
            assert!(takes(&cells, 2 << TIME_BITS, 5, 3));
            let ask = |tag: u64| {
                let cells = Arc::clone(&cells);
                thread::spawn(move || takes(&cells, tag << TIME_BITS, 5, 3))
            };
            let (again, newcomer) = (ask(2), ask(3));
            assert!(again.join().unwrap());
            assert!(newcomer.join().unwrap());
            assert!(!takes(&cells, 1 << TIME_BITS, 5, 3));
        });
    }
}
