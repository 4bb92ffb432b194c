//! A share of all requests, by chance.

use std::cell::Cell;
use std::hash::{BuildHasher as _, RandomState};

use crate::config::Share;

std::thread_local! {
    static STATE: Cell<u64> = Cell::new(RandomState::new().hash_one(0) | 1);
}

/// True for this share of all calls.
pub(super) fn falls_into(share: Share) -> bool {
    // 53 bits are what a float between 0 and 1 has.
    const BITS: u32 = 53;
    share.0 >= 1.0 || ((next() >> (u64::BITS - BITS)) as f64) < share.0 * (1_u64 << BITS) as f64
}

/// The next number of xorshift64* (<https://arxiv.org/abs/1402.6246>).
fn next() -> u64 {
    let mut state = STATE.get();
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    STATE.set(state);
    state.wrapping_mul(0x2545_F491_4F6C_DD1D)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_as_the_share_says() {
        const ALL: usize = 100_000;
        for (share, least, most) in [(0.0, 0, 0), (0.01, 800, 1200), (0.5, 49_000, 51_000), (1.0, ALL, ALL)] {
            let falls = (0..ALL).filter(|_| falls_into(Share(share))).count();
            assert!((least..=most).contains(&falls), "{falls} of {ALL} for {share}");
        }
    }
}
