//! Reason phrases.

use bytes::Bytes;

/// A response's reason phrase that isn't the usual one of its status (RFC 9112 §4). It is in the extensions of a
/// response that was read. If it is in the extensions of a response that is sent, it is written.
///
/// Its octets are blanks, visible ASCII and octets above 127.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReasonPhrase(Bytes);

impl ReasonPhrase {
    /// A phrase from a response's head, which httparse has checked.
    pub(crate) fn received(phrase: Bytes) -> Self {
        Self(phrase)
    }

    /// Makes a reason phrase. None if there is a control character in it, other than a tab.
    #[must_use]
    pub fn new(phrase: impl Into<Bytes>) -> Option<Self> {
        let phrase = phrase.into();
        let is_valid = phrase.iter().all(|byte| *byte == b'\t' || !byte.is_ascii_control());
        is_valid.then_some(Self(phrase))
    }

    /// Its octets. There may be none.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}
