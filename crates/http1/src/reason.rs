//! Reason phrases.

use bytes::Bytes;

/// The reason phrase of a response, where it isn't its status's usual one (RFC 9112 §4). It is in the extensions of a
/// response that was read, and is written if it is in those of one that is sent.
///
/// Its octets are blanks, visible ASCII and those above 127.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReasonPhrase(Bytes);

impl ReasonPhrase {
    /// What a response's head says: httparse has checked it.
    pub(crate) fn received(phrase: Bytes) -> Self {
        Self(phrase)
    }

    /// None if there is a control character in it.
    #[must_use]
    pub fn new(phrase: impl Into<Bytes>) -> Option<Self> {
        let phrase = phrase.into();
        let is_valid = phrase.iter().all(|byte| *byte == b'\t' || !byte.is_ascii_control());
        is_valid.then_some(Self(phrase))
    }

    /// Its octets, which may be none.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}
