use std::hash::Hash;

use crate::stable_hash::stable_hash;

/// What decides which endpoint a request is sent to by [`Hash`](crate::Hash): 64 bits of hash.
///
/// The hash has no secret and no randomness (FNV-1a), so that every process makes the same of the same key. Hence
/// whoever chooses the keys can aim any number of them at one endpoint; it still gets no more than its bounded load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key(u64);

impl Key {
    /// Of anything that can be hashed, borrowed: nothing is copied. It is the [`stable_hash`] of it.
    ///
    /// As stable as std's `Hash` of that type, which promises nothing over platforms and compiler versions, though a
    /// `str` is its bytes everywhere. Where gateways that were built apart must agree, make it of a `u64` of your own.
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

    /// Must never change: gateways of different versions serve side by side.
    #[test]
    fn a_text_is_the_same_in_every_process() {
        assert_eq!(Key::of("alice"), Key(0x441b_53b1_b6ba_2c50));
        assert_eq!(Key::of(&String::from("alice")), Key::of("alice"));
        assert_ne!(Key::of(&("al", "ice")), Key::of(&("ali", "ce")));
    }
}
