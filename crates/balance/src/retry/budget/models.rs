//! `RUSTFLAGS="--cfg loom" cargo test -p balance --lib --release retry`

use std::sync::Arc;

use loom::thread;

use super::*;

/// A budget that has stored one retry.
fn one_retry() -> Arc<Budget> {
    let budget = Budget::new().min_per_second(0).percent(100);
    budget.deposit(Moment::default());
    Arc::new(budget)
}

fn withdrawing(budget: &Arc<Budget>, now: Moment) -> thread::JoinHandle<bool> {
    let budget = Arc::clone(budget);
    thread::spawn(move || budget.withdraw(now))
}

#[test]
fn one_token_is_spent_once() {
    loom::model(|| {
        let budget = one_retry();
        let other = withdrawing(&budget, Moment::default());
        let granted = [budget.withdraw(Moment::default()), other.join().unwrap()];
        assert!(granted[0] ^ granted[1], "{granted:?}");
    });
}

#[test]
fn a_deposit_that_races_two_withdrawals_is_not_lost() {
    loom::model(|| {
        let budget = one_retry();
        let others = [(); 2].map(|()| withdrawing(&budget, Moment::default()));
        budget.deposit(Moment::default());
        let during = others.map(|other| other.join().unwrap()).into_iter().filter(|granted| *granted).count();
        let after = (0..).take_while(|_| budget.withdraw(Moment::default())).count();
        assert!(during >= 1);
        assert_eq!(during + after, 2);
    });
}

/// Two threads see that a window has passed. What the window stores is stored once, whichever comes first.
#[test]
fn no_tick_is_lived_through_twice() {
    loom::model(|| {
        let window = Duration::from_secs(2);
        let budget = Arc::new(Budget::new().min_per_second(1).window(window));
        let spent = (0..).take_while(|_| budget.withdraw(Moment::default())).count();
        let later = Moment::default() + window;
        let others = [(); 2].map(|()| withdrawing(&budget, later));
        let granted = others.map(|other| other.join().unwrap());
        // A window stores 2, of which 0.7 fade meanwhile. Stored twice, they would be enough for both.
        assert!(spent == 2 && granted[0] ^ granted[1], "{spent} {granted:?}");
    });
}
