use std::time::Duration;

/// The number of wrong tries after which a peer is locked out.
pub(super) const TRIES: u32 = 10;
/// The number of seconds within which tries count together. A lockout lasts as long, from the last of them on.
pub(super) const WINDOW: u32 = 60;

const TAG_BITS: u32 = 28;
const TRIES_BITS: u32 = 4;
const SINCE_BITS: u32 = 32;
const _: () = assert!(TAG_BITS + TRIES_BITS + SINCE_BITS == u64::BITS && TRIES < 1 << TRIES_BITS);

/// The wrong tries of one peer, in the 64 bits of one atomic. All zeros are an empty slot: no tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// [`TAG_BITS`] bits of the peer's hash, by which it is recognized.
    pub(super) tag: u32,
    pub(super) tries: u32,
    /// When the window began: at the first try. The last try sets it anew, and it is then the beginning of the
    /// lockout.
    pub(super) since: u32,
}

impl Entry {
    pub(super) fn first_try(tag: u32, now: u32) -> Self {
        Self { tag, tries: 1, since: now }
    }

    pub(super) fn is_of(self, tag: u32) -> bool {
        self.tries > 0 && self.tag == tag
    }

    /// The entry with one more try at `now`. A lockout stays as it is.
    pub(super) fn another_try(self, now: u32) -> Self {
        match self.tries {
            _ if self.is_over(now) => Self::first_try(self.tag, now),
            TRIES.. => self,
            tries if tries + 1 == TRIES => Self { tries: TRIES, since: now, ..self },
            tries => Self { tries: tries + 1, ..self },
        }
    }

    pub(super) fn lockout(self, now: u32) -> Option<Duration> {
        let locked = self.tries >= TRIES && !self.is_over(now);
        locked.then(|| Duration::from_secs((WINDOW - self.age(now)).into()))
    }

    pub(super) fn is_over(self, now: u32) -> bool {
        self.tries == 0 || self.age(now) >= WINDOW
    }

    // Another thread may have read a later clock and been here first.
    fn age(self, now: u32) -> u32 {
        now.saturating_sub(self.since)
    }

    pub(super) fn tag_of(hash: u64) -> u32 {
        (hash >> (u64::BITS - TAG_BITS)) as u32
    }

    pub(super) fn pack(self) -> u64 {
        let tag = u64::from(self.tag) << (TRIES_BITS + SINCE_BITS);
        tag | u64::from(self.tries) << SINCE_BITS | u64::from(self.since)
    }

    pub(super) fn unpack(word: u64) -> Self {
        Self {
            tag: Self::tag_of(word),
            tries: (word >> SINCE_BITS) as u32 & ((1 << TRIES_BITS) - 1),
            since: word as u32,
        }
    }
}
