//! The Close frame with which the gateway says goodbye.

use std::hash::{BuildHasher, RandomState};

/// "Going away" (RFC 6455 section 7.4.1).
const GOING_AWAY: [u8; 2] = 1001_u16.to_be_bytes();
/// The whole of a message, and a Close frame.
const CLOSE: u8 = 0x88;
const MASKED: u8 = 0x80;
const LENGTH: u8 = 2;

/// A Close frame, as far as it isn't written yet.
#[derive(Clone, Copy)]
pub(super) struct Goodbye {
    frame: [u8; 8],
    start: usize,
    end: usize,
}

impl Goodbye {
    /// The frame for the client.
    pub(super) fn to_client() -> Self {
        let [high, low] = GOING_AWAY;
        Self { frame: [CLOSE, LENGTH, high, low, 0, 0, 0, 0], start: 0, end: 4 }
    }

    /// The frame for the upstream. What a client sends is masked with a key that nobody can guess (RFC 6455 section
    /// 5.3).
    pub(super) fn to_upstream() -> Self {
        let [one, two, three, four, ..] = RandomState::new().hash_one(()).to_be_bytes();
        let [high, low] = GOING_AWAY;
        Self {
            frame: [CLOSE, MASKED | LENGTH, one, two, three, four, high ^ one, low ^ two],
            start: 0,
            end: 8,
        }
    }

    /// What is to be written.
    pub(super) fn left(&self) -> &[u8] {
        self.frame.get(self.start..self.end).unwrap_or_default()
    }

    pub(super) fn advance(&mut self, count: usize) {
        self.start += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_say_1001_and_the_upstreams_is_masked() {
        assert_eq!(Goodbye::to_client().left(), [0x88, 2, 0x03, 0xe9]);
        let goodbye = Goodbye::to_upstream();
        let [0x88, 0x82, mask @ .., high, low] = goodbye.left() else { panic!("{:?}", goodbye.left()) };
        assert_eq!([high ^ mask[0], low ^ mask[1]], [0x03, 0xe9]);
        assert_ne!(goodbye.left(), Goodbye::to_upstream().left());
    }
}
