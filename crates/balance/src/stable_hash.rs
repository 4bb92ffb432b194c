use std::hash::{Hash, Hasher};

use crate::dice::mix;

/// A hash that is the same in every process, as std's default hasher is not. [`Entry::named`](crate::Entry::named)
/// makes ids of it, and [`Key::of`](crate::Key::of) keys.
///
/// It is 64-bit FNV-1a (Fowler, Noll and Vo; RFC 9923) with a finalizer, because FNV alone gives short inputs
/// similar upper bits.
///
/// It is no defence: whoever chooses the values can choose ones that collide. It is as stable as the value's
/// `Hash`: the same on platforms of the same byte order and word size, with releases of std that hash the type in
/// the same way.
pub fn stable_hash<T: Hash + ?Sized>(value: &T) -> u64 {
    let mut hasher = StableHasher { state: 0xcbf2_9ce4_8422_2325 };
    value.hash(&mut hasher);
    hasher.finish()
}

struct StableHasher {
    state: u64,
}

impl Hasher for StableHasher {
    fn write(&mut self, bytes: &[u8]) {
        const PRIME: u64 = 0x0100_0000_01b3;
        let next = |state: u64, byte: &u8| (state ^ u64::from(*byte)).wrapping_mul(PRIME);
        self.state = bytes.iter().fold(self.state, next);
    }

    fn finish(&self) -> u64 {
        mix(self.state)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// The published values of FNV-1a, before the finalizer.
    #[test]
    fn is_fnv_1a() {
        for (bytes, expected) in
            [("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8)]
        {
            let mut hasher = StableHasher { state: 0xcbf2_9ce4_8422_2325 };
            hasher.write(bytes.as_bytes());
            assert_eq!((hasher.state, hasher.finish()), (expected, mix(expected)), "{bytes:?}");
        }
    }

    /// Pinned: a change would move every key while a fleet is being updated.
    #[test]
    fn does_not_change() {
        assert_eq!(stable_hash("http://127.0.0.1:9001"), 13978065110998748646);
    }

    #[test]
    fn neighbours_are_far_apart() {
        let hashes: Vec<u64> = (9_000..10_000).map(|port| stable_hash(&format!("10.0.0.1:{port}"))).collect();
        let upper: HashSet<u64> = hashes.iter().map(|hash| hash >> 44).collect();
        assert_eq!(hashes.iter().collect::<HashSet<_>>().len(), 1_000);
        assert!(upper.len() > 990, "{} of 2^20 values for 1,000", upper.len());
    }
}
