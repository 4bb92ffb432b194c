//! Secrets, in types whose `Debug` output doesn't show them.

use std::fmt;
use std::time::SystemTime;

/// One admin token as the file describes it. `admin_auth` compares digests of tokens, so it hashes this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminTokenSpec {
    /// The token or its digest.
    pub secret: Secret,
    /// The name of the token's holder in logs. Default: `None`.
    pub label: Option<String>,
    /// The time from which on the token is refused. Default: `None`, it never expires.
    pub expires_at: Option<SystemTime>,
}

/// An admin token, or its digest.
#[derive(Clone, PartialEq, Eq)]
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

/// Whether a header field of this name is likely to hold a secret.
pub(super) fn is_secret_field(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let known = ["authorization", "proxy-authorization", "cookie"].contains(&&*name);
    known || ["key", "token", "secret", "password"].iter().any(|word| name.contains(word))
}

/// Whether a text looks like a secret, whichever key it belongs to: a URL with a user or password, or a PEM file.
pub(super) fn looks_secret(text: &str) -> bool {
    let has_password = text.rsplit_once('@').is_some_and(|(before, _)| before.contains(':'));
    has_password || text.contains("-----BEGIN")
}

/// A secret text. Only [`SecretText::expose`] returns it; `Debug` doesn't show it.
///
/// `==` is for comparing two configurations. It takes a time that depends on the texts, so a client's guess must not be
/// compared with it.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(String);

impl SecretText {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself. Take care that it doesn't get into logs or errors.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
