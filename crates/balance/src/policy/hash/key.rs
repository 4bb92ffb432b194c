use std::hash::{Hash, Hasher};

/// What decides which endpoint a request is sent to by [`Hash`](crate::Hash): 64 bits of hash.
///
/// The hash has no secret and no randomness (FNV-1a), so that every process makes the same of the same key. Hence
/// whoever chooses the keys can aim any number of them at one endpoint; it still gets no more than its bounded load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key(u64);

impl Key {
    /// Of anything that can be hashed, borrowed: nothing is copied.
    ///
    /// As stable as std's `Hash` of that type, which promises nothing over platforms and compiler versions, though a
    /// `str` is its bytes everywhere. Where gateways that were built apart must agree, make it of a `u64` of your own.
    pub fn of<K: Hash + ?Sized>(key: &K) -> Self {
        let mut hasher = Fnv::new();
        key.hash(&mut hasher);
        Self(hasher.finish())
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

/// FNV-1a (draft-eastlake-fnv). Its weak upper bits are mixed when the key meets an endpoint.
struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    /// The vectors of draft-eastlake-fnv, appendix C.
    #[test]
    fn is_fnv_1a() {
        for (bytes, expected) in
            [("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8)]
        {
            let mut hasher = Fnv::new();
            hasher.write(bytes.as_bytes());
            assert_eq!(hasher.finish(), expected, "{bytes:?}");
        }
    }

    /// Must never change: gateways of different versions serve side by side.
    #[test]
    fn a_text_is_the_same_in_every_process() {
        assert_eq!(Key::of("alice"), Key(0x7cb3_946d_af42_8068));
        assert_eq!(Key::of(&String::from("alice")), Key::of("alice"));
        assert_ne!(Key::of(&("al", "ice")), Key::of(&("ali", "ce")));
    }
}
