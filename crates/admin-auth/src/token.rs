//! The tokens. Only the digests of their secrets are kept.

mod digest;
mod set;

pub(crate) use self::digest::Digest;
pub(crate) use self::set::Match;
pub use self::set::{NoTokens, TokenSet};

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use subtle::Choice;
use zeroize::Zeroizing;

/// An admin token: the SHA-256 digest of a secret, with an optional label and expiry.
///
/// The digest is neither salted nor stretched, so that a check costs one hash. So the secret has to be random and
/// long: 32 bytes or more (`openssl rand -hex 32`). A short one is accepted, for demos.
#[derive(Clone, Debug)]
#[must_use]
pub struct AdminToken {
    digest: Digest,
    label: Option<Arc<str>>,
    expires_at: Option<SystemTime>,
}

impl AdminToken {
    /// The longest secret, in bytes. A longer credential is refused without being hashed.
    pub const MAX_LEN: usize = 4096;

    /// Makes a token from its secret. The `String` is wiped before this returns.
    ///
    /// # Errors
    ///
    /// If the secret is not 1 to [`MAX_LEN`](Self::MAX_LEN) bytes of visible ASCII (`!` to `~`, so no space and no
    /// newline). Such bytes can stand in a header and arrive unchanged.
    pub fn new(secret: impl Into<String>) -> Result<Self, InvalidToken> {
        let secret = Zeroizing::new(secret.into());
        if !may_be_secret(secret.as_bytes()) {
            return Err(InvalidToken(Invalid::Secret));
        }
        Ok(Self::from_digest(Digest::of(secret.as_bytes())))
    }

    /// Makes a token from the SHA-256 digest of its secret: 64 hex digits of either case, as `sha256sum` prints
    /// them.
    ///
    /// So a configuration file need not hold the secret. Don't hash a newline with it: `printf %s "$TOKEN" |
    /// sha256sum`.
    ///
    /// # Errors
    ///
    /// If `hex` is not exactly 64 hex digits.
    pub fn from_sha256_hex(hex: &str) -> Result<Self, InvalidToken> {
        Digest::from_hex(hex).map(Self::from_digest).ok_or(InvalidToken(Invalid::Digest))
    }

    /// Makes a token from the SHA-256 digest of its secret.
    pub fn from_sha256(digest: [u8; 32]) -> Self {
        Self::from_digest(Digest::from(digest))
    }

    /// Names the token in the log and in the request's [`Accepted`](crate::Accepted) extension.
    pub fn label(mut self, label: impl Into<Arc<str>>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Refuses the token from `time` on, by the system's clock.
    pub fn expires_at(mut self, time: SystemTime) -> Self {
        self.expires_at = Some(time);
        self
    }

    pub(crate) fn shared_label(&self) -> Option<Arc<str>> {
        self.label.clone()
    }

    fn from_digest(digest: Digest) -> Self {
        Self { digest, label: None, expires_at: None }
    }

    fn is_expired(&self, now: SystemTime) -> Choice {
        Choice::from(u8::from(self.expires_at.is_some_and(|time| time <= now)))
    }
}

/// Whether `bytes` may be a secret. The same goes for secrets that are configured and for those that requests
/// carry.
pub(crate) fn may_be_secret(bytes: &[u8]) -> bool {
    (1..=AdminToken::MAX_LEN).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic)
}

/// The error of a secret or digest that can't be an [`AdminToken`]. It shows nothing of either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidToken(Invalid);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Invalid {
    Secret,
    Digest,
}

impl fmt::Display for InvalidToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Invalid::Secret => write!(
                f,
                "an admin token is 1 to {} visible ASCII characters, without a space or newline",
                AdminToken::MAX_LEN
            ),
            Invalid::Digest => f.write_str("the SHA-256 digest of an admin token is 64 hex digits"),
        }
    }
}

impl Error for InvalidToken {}

#[cfg(test)]
mod tests;
