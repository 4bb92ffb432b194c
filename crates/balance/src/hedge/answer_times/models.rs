//! `RUSTFLAGS="--cfg loom" cargo test -p balance --lib --release hedge`

use std::sync::Arc;

use loom::thread;

use super::*;

/// Two threads count and take at the same time. What each has counted is taken by one of the two or is left.
#[test]
fn each_answer_is_taken_once() {
    loom::model(|| {
        let counts = Arc::new(Counts::<2>::new());
        let count_and_take = |counts: &Counts<2>, bucket| {
            counts.add(bucket);
            counts.take()
        };
        let other = {
            let counts = Arc::clone(&counts);
            thread::spawn(move || count_and_take(&counts, 0))
        };
        let taken = [count_and_take(&counts, 1), other.join().unwrap(), counts.take()];
        let of = |bucket: usize| taken.iter().map(|counts| counts[bucket]).sum::<u32>();
        assert_eq!([of(0), of(1)], [1, 1], "{taken:?}");
    });
}

/// Of two threads that see a new second, one looks at the counts.
#[test]
fn a_tick_begins_once() {
    loom::model(|| {
        let (ticks, later) = (Arc::new(Ticks::new()), Moment::default() + Duration::from_secs(2));
        let other = {
            let ticks = Arc::clone(&ticks);
            thread::spawn(move || ticks.begins_with(later))
        };
        let begun = [ticks.begins_with(later), other.join().unwrap()];
        assert!(begun[0] ^ begun[1], "{begun:?}");
    });
}
