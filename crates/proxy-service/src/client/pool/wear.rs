//! How long a connection may be used.

use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroU32;
use std::time::Duration;

use tokio::time::Instant;

/// How long connections are kept, and how many.
#[derive(Clone, Copy, Debug)]
pub(in crate::client) struct Keeping {
    pub(in crate::client) idle_timeout: Duration,
    pub(in crate::client) max_idle: u16,
    pub(in crate::client) max_age: Option<Duration>,
    pub(in crate::client) max_uses: Option<NonZeroU32>,
}

impl Default for Keeping {
    fn default() -> Self {
        Self { idle_timeout: Duration::from_secs(30), max_idle: 256, max_age: None, max_uses: None }
    }
}

impl Keeping {
    /// When a connection that is opened now becomes too old. None if its age isn't limited.
    pub(in crate::client) fn retirement(&self) -> Option<Instant> {
        let age = self.max_age.filter(|age| *age < AS_GOOD_AS_EVER)?;
        Some(Instant::now() + jittered(age))
    }
}

/// A limit this long or longer counts as none, because an `Instant` can't be any time in the future.
const AS_GOOD_AS_EVER: Duration = Duration::from_secs(86_400 * 365 * 30);

/// How much longer one connection may be used.
#[derive(Debug)]
pub(in crate::client) struct Wear {
    retires: Option<Instant>,
    uses_left: Option<u32>,
    /// How many rounds the reaper has made since the last request.
    rounds_idle: u32,
}

impl Wear {
    /// For a connection that is opened for a request. That request counts as a use.
    pub(super) fn new(keeping: &Keeping) -> Self {
        Self {
            retires: keeping.retirement(),
            uses_left: keeping.max_uses.map(|uses| uses.get() - 1),
            rounds_idle: 0,
        }
    }

    pub(super) fn note_use(&mut self) {
        self.uses_left = self.uses_left.map(|left| left.saturating_sub(1));
    }

    pub(super) fn note_rest(&mut self) {
        self.rounds_idle = 0;
    }

    /// Counts another round of the reaper without a request. Returns how many there were since the last request.
    pub(super) fn note_round(&mut self) -> u32 {
        self.rounds_idle = self.rounds_idle.saturating_add(1);
        self.rounds_idle
    }

    /// Makes the current request the last on the connection.
    pub(in crate::client) fn wear_out(&mut self) {
        self.uses_left = Some(0);
    }

    pub(in crate::client) fn is_worn_out(&self) -> bool {
        self.uses_left == Some(0) || self.retires.is_some_and(|at| at <= Instant::now())
    }
}

/// A random time between 9 and 11 tenths of `age`.
fn jittered(age: Duration) -> Duration {
    let random = RandomState::new().hash_one(()) % 2001;
    age.mul_f64(0.9 + random as f64 / 10_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGE: Duration = Duration::from_secs(100);

    #[test]
    fn the_last_use_wears_it_out() {
        for uses in 1..4 {
            let mut wear = Wear::new(&Keeping { max_uses: NonZeroU32::new(uses), ..Keeping::default() });
            for _ in 1..uses {
                assert!(!wear.is_worn_out());
                wear.note_use();
            }
            assert!(wear.is_worn_out(), "{uses}");
        }
        let mut unlimited = Wear::new(&Keeping::default());
        unlimited.note_use();
        assert!(!unlimited.is_worn_out());
        unlimited.wear_out();
        assert!(unlimited.is_worn_out());
    }

    #[tokio::test(start_paused = true)]
    async fn age_wears_it_out() {
        let wear = Wear::new(&Keeping { max_age: Some(AGE), ..Keeping::default() });
        tokio::time::advance(AGE.mul_f64(0.89)).await;
        assert!(!wear.is_worn_out());
        tokio::time::advance(AGE.mul_f64(0.22)).await;
        assert!(wear.is_worn_out());
    }

    #[test]
    fn the_longest_age_is_no_limit() {
        let wear = Wear::new(&Keeping { max_age: Some(Duration::MAX), ..Keeping::default() });
        assert!(!wear.is_worn_out());
    }

    #[test]
    fn ages_are_spread_over_a_fifth() {
        let ages: Vec<_> = (0..1000).map(|_| jittered(AGE)).collect();
        let (youngest, oldest) = (ages.iter().min().unwrap(), ages.iter().max().unwrap());
        assert!(*youngest >= AGE.mul_f64(0.9) && *youngest < AGE.mul_f64(0.92), "{youngest:?}");
        assert!(*oldest <= AGE.mul_f64(1.1001) && *oldest > AGE.mul_f64(1.08), "{oldest:?}");
    }
}
