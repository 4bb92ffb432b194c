//! Clients that stay with their upstream.

use std::time::Duration;

use crate::config::SecretText;

/// A cookie (RFC 6265) that brings a client back to the upstream that it had before.
#[derive(Clone, Debug)]
pub struct Affinity {
    /// The cookie's name, an RFC 6265 §4.1.1 token of 1 to 256 characters. No default.
    pub cookie: String,
    /// What cookies are signed with, 16 to 4096 bytes. Default: `None`, a random one for each process.
    pub secret: Option<SecretText>,
    /// The cookie's `Max-Age`. Default: `None`, as long as the browser runs.
    pub max_age: Option<Duration>,
    /// Whether the cookie has `Secure`: sent over TLS only. Default: no.
    pub secure: bool,
    /// The cookie's `SameSite`. Default: [`SameSite::Lax`].
    pub same_site: SameSite,
}

/// Which requests from other sites a cookie comes with (RFC 6265bis).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SameSite {
    /// Navigation only.
    #[default]
    Lax,
    /// None.
    Strict,
    /// All; only with [`Affinity::secure`].
    None,
}
