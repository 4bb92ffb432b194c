//! `affinity`: a cookie by which clients stay with their upstream.

use std::time::Duration;

use crate::config::SecretText;

/// A cookie (RFC 6265) that sends a client's requests to the upstream that answered it before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Affinity {
    /// The cookie's name, an RFC 6265 §4.1.1 token of 1 to 256 characters. No default.
    pub cookie: String,
    /// The key that cookies are signed with, 16 to 4096 bytes. Default: `None`, a random key for each process.
    pub secret: Option<SecretText>,
    /// The cookie's `Max-Age`. Default: `None`; then the browser forgets the cookie when it is closed.
    pub max_age: Option<Duration>,
    /// Whether the cookie has `Secure`, so that browsers send it over TLS only. Default: [`Secure::Auto`].
    pub secure: Secure,
    /// The cookie's `SameSite`. Default: [`SameSite::Lax`].
    pub same_site: SameSite,
}

/// Whether a cookie has `Secure`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Secure {
    /// If the request came over TLS, to the gateway or to a trusted proxy that says so.
    #[default]
    Auto,
    /// Yes.
    Always,
    /// No.
    Never,
}

/// Whether browsers send the cookie with requests that another site causes (RFC 6265bis).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SameSite {
    /// Only when the user follows a link from there.
    #[default]
    Lax,
    /// Never.
    Strict,
    /// Always. It needs [`Secure::Always`].
    None,
}
