use std::{
    fmt,
    hash::{BuildHasher, RandomState},
};

use crate::sync::{AtomicU64, Ordering};

/// A stream of random numbers that threads share without a lock.
///
/// It is SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014), whose state is
/// a counter. It is good enough to spread load, and not for secrets.
///
/// The same seed gives the same numbers; which thread gets which of them varies. A clone starts anew, from the same
/// seed if there was one and from new randomness otherwise.
//
// It has two cache lines of its own, since processors fetch them in pairs and every draw writes here.
#[repr(align(128))]
pub struct Dice {
    state: AtomicU64,
    seed: Option<u64>,
}

const GOLDEN_GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

impl Dice {
    /// A stream that is seeded from the operating system's randomness.
    pub fn new() -> Self {
        Self { state: AtomicU64::new(RandomState::new().hash_one(())), seed: None }
    }

    /// The stream of the seed `seed`.
    pub fn seeded(seed: u64) -> Self {
        Self { state: AtomicU64::new(seed), seed: Some(seed) }
    }

    /// The next number. `Relaxed` is enough: an atomic counter gives each of its values to one caller only.
    pub fn next_u64(&self) -> u64 {
        mix(self.state.fetch_add(GOLDEN_GAMMA, Ordering::Relaxed).wrapping_add(GOLDEN_GAMMA))
    }

    /// A number below `bound`; 0 if `bound` is 0. It is even to within `bound` / 2^64 (Lemire's multiplication).
    pub fn below(&self, bound: usize) -> usize {
        let product = u128::from(self.next_u64()) * bound as u128;
        usize::try_from(product >> 64).unwrap_or_default()
    }

    /// A number from 0 up to but not including 1.
    pub fn unit(&self) -> f64 {
        unit(self.next_u64())
    }
}

/// Random bits as a number from 0 up to but not including 1.
pub(crate) fn unit(bits: u64) -> f64 {
    const STEPS: f64 = (1_u64 << 53) as f64;
    (bits >> 11) as f64 / STEPS
}

/// SplitMix64's finalizer: every bit of the output depends on every bit of the input.
pub(crate) fn mix(state: u64) -> u64 {
    let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Clone for Dice {
    fn clone(&self) -> Self {
        self.seed.map_or_else(Self::new, Self::seeded)
    }
}

impl Default for Dice {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Dice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dice").finish_non_exhaustive()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The reference implementation's first outputs for seed 1234567 (prng.di.unimi.it/splitmix64.c).
    #[test]
    fn is_splitmix64() {
        let random = Dice::seeded(1_234_567);
        let first = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!(first.map(|_| random.next_u64()), first);
    }

    #[test]
    fn a_clone_starts_anew() {
        let (seeded, unseeded) = (Dice::seeded(7), Dice::new());
        let first = seeded.next_u64();
        assert_eq!(seeded.clone().next_u64(), first);
        assert_ne!(unseeded.clone().next_u64(), unseeded.clone().next_u64());
    }

    #[test]
    fn is_spread_evenly() {
        let random = Dice::seeded(1);
        let mut counts = [0_u32; 10];
        for _ in 0..100_000 {
            counts[random.below(10)] += 1;
        }
        assert!(counts.iter().all(|count| (9_500..10_500).contains(count)), "{counts:?}");
    }

    proptest! {
        #[test]
        fn stays_in_bounds(seed: u64, bound in 0..usize::MAX) {
            let random = Dice::seeded(seed);
            prop_assert!(random.below(bound) < bound.max(1));
            prop_assert!((0.0..1.0).contains(&random.unit()));
        }
    }
}
