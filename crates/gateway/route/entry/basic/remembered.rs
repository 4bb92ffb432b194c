//! `Remembered`: right passwords, of which none is kept.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use hmac::digest::CtOutput;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::pair::Pair;

const SETS: usize = 1024;
const WAYS: usize = 4;

/// Pairs of names and passwords that were right. Of each, only a keyed hash is kept (HMAC-SHA-256), whose key is random
/// and never leaves the process. They are compared in constant time.
///
/// It is a table of 4096 places, which never grows: a new pair takes the place of another one in the same set. No thread
/// waits for another. A pair is remembered as long as the table is there, which belongs to one list of users.
pub(super) struct Remembered {
    keyed: Hmac<Sha256>,
    places: Box<[ArcSwapOption<Mark>]>,
}

/// By which a pair is recognized.
pub(super) type Mark = CtOutput<Hmac<Sha256>>;

impl Remembered {
    pub(super) fn new() -> Self {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *key).expect("std's maps and the request ids have had random bytes before");
        let keyed = Hmac::new_from_slice(&*key).expect("HMAC takes keys of any length");
        let places = std::iter::repeat_with(ArcSwapOption::empty).take(SETS * WAYS).collect();
        Self { keyed, places }
    }

    /// The mark of a pair. The name's length comes first, so that no two pairs have the same.
    pub(super) fn mark(&self, pair: &Pair) -> Mark {
        let (name, password) = (pair.name().as_bytes(), pair.password());
        let keyed = self.keyed.clone().chain_update((name.len() as u64).to_be_bytes());
        keyed.chain_update(name).chain_update(password).finalize()
    }

    pub(super) fn has(&self, mark: &Mark) -> bool {
        self.set(mark).iter().any(|place| place.load().as_deref().is_some_and(|kept| kept == mark))
    }

    /// Keeps the mark of a right pair.
    pub(super) fn keep(&self, mark: Mark) {
        if self.has(&mark) {
            return;
        }
        let [.., spare] = bytes(&mark);
        let set = self.set(&mark);
        let free = set.iter().find(|place| place.load().is_none());
        if let Some(place) = free.or_else(|| set.get(usize::from(spare) % WAYS)) {
            place.store(Some(Arc::new(mark)));
        }
    }

    fn set(&self, mark: &Mark) -> &[ArcSwapOption<Mark>] {
        let [first, second, ..] = bytes(mark);
        let start = usize::from(u16::from_be_bytes([first, second])) % SETS * WAYS;
        self.places.get(start..start + WAYS).unwrap_or_default()
    }
}

fn bytes(mark: &Mark) -> [u8; 32] {
    mark.as_bytes().to_owned().into()
}

impl fmt::Debug for Remembered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Remembered([redacted])")
    }
}
