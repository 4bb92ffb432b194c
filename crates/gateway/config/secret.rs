//! Secrets, in types that can't be printed.

use std::fmt;
use std::time::SystemTime;

/// One admin token as the file describes it; `admin_auth` makes a digest of it.
#[derive(Clone, Debug)]
pub struct AdminTokenSpec {
    /// The token or its digest.
    pub secret: Secret,
    /// What logs call the holder; never the token.
    pub label: Option<String>,
    /// From then on the token is refused; `None`: never.
    pub expires_at: Option<SystemTime>,
}

/// What is known of a token.
#[derive(Clone)]
pub enum Secret {
    /// The token itself: visible ASCII, not empty.
    Plain(SecretText),
    /// Its SHA-256 digest.
    Sha256([u8; 32]),
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain(_) => "Plain([redacted])",
            Self::Sha256(_) => "Sha256([redacted])",
        })
    }
}

/// Whether a text looks like a secret wherever it stands: a URL with a user or password in it, or a PEM file.
pub(super) fn looks_secret(text: &str) -> bool {
    let has_password = text.rsplit_once('@').is_some_and(|(before, _)| before.contains(':'));
    has_password || text.contains("-----BEGIN")
}

/// A text that only [`SecretText::expose`] gives away.
#[derive(Clone)]
pub struct SecretText(String);

impl SecretText {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself; take care where it goes.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
