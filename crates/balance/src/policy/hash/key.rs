use std::hash::Hash;

use crate::stable_hash::stable_hash;

/// The key by which [`Hash`](crate::Hash) finds a request's endpoint: a hash of 64 bits.
///
/// The hash (FNV-1a) has no secret and no randomness, so that every process makes the same key of the same value.
/// So whoever chooses the values can aim many requests at one endpoint; that endpoint still gets no more than its
/// bounded load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key(u64);

impl Key {
    /// A key for any value that can be hashed: its [`stable_hash`]. The value is borrowed, and nothing is copied.
    ///
    /// It is as stable as std's `Hash` of the value's type. std promises nothing across platforms and compiler
    /// versions, though the hash of a `str` is made of its bytes everywhere. If gateways of different builds must
    /// agree, make the key of a `u64` of your own.
    pub fn of<K: Hash + ?Sized>(key: &K) -> Self {
        Self(stable_hash(key))
    }

    pub(super) fn bits(self) -> u64 {
        self.0
    }
}

impl From<u64> for Key {
    fn from(bits: u64) -> Self {
        Self(bits)
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::*;

    /// This must never change: gateways of different versions serve side by side.
    #[test]
    fn a_text_is_the_same_in_every_process() {
        assert_eq!(Key::of("alice"), Key(0x441b_53b1_b6ba_2c50));
        assert_eq!(Key::of(&String::from("alice")), Key::of("alice"));
        assert_ne!(Key::of(&("al", "ice")), Key::of(&("ali", "ce")));
    }
}
