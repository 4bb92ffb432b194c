//! Where the token stands in a request.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};

use crate::rejection::Rejection;
use crate::token::{Digest, may_be_secret};

/// Where a request carries its token: a header of its own, or `Authorization: Bearer`.
///
/// A request must carry exactly one, and it doesn't reach the inner service. The default is an `X-Admin-Token` header.
#[derive(Clone, Debug)]
pub struct Credential {
    place: Place,
}

#[derive(Clone, Debug)]
enum Place {
    Header(HeaderName),
    Bearer,
}

const DEFAULT_HEADER: HeaderName = HeaderName::from_static("x-admin-token");

impl Credential {
    /// The whole value of the header `name`. Other headers, `Authorization` among them, pass untouched.
    #[must_use]
    pub fn header(name: HeaderName) -> Self {
        Self { place: Place::Header(name) }
    }

    /// `Authorization: Bearer <token>` (RFC 6750 section 2.1).
    ///
    /// An `Authorization` of another scheme counts as none given.
    #[must_use]
    pub fn bearer() -> Self {
        Self { place: Place::Bearer }
    }

    /// Takes every line that could be read as the credential out of `headers`, and digests the one there must be.
    pub(crate) fn take(&self, headers: &mut HeaderMap) -> Result<Digest, Rejection> {
        let name = self.name();
        let repeated = headers.get_all(name).iter().nth(1).is_some();
        let value = headers.remove(name);
        remove_aliases(name, headers);

        if repeated {
            return Err(Rejection::REPEATED);
        }
        match value.as_ref().and_then(|value| self.secret(value.as_bytes())) {
            None => Err(Rejection::missing(self.challenge())),
            Some(secret) if may_be_secret(secret) => Ok(Digest::of(secret)),
            Some(_) => Err(Rejection::MALFORMED),
        }
    }

    fn name(&self) -> &HeaderName {
        match &self.place {
            Place::Header(name) => name,
            Place::Bearer => &AUTHORIZATION,
        }
    }

    fn secret<'a>(&self, value: &'a [u8]) -> Option<&'a [u8]> {
        let secret = match self.place {
            Place::Header(_) => value,
            Place::Bearer => after_bearer(value)?,
        };
        (!secret.is_empty()).then_some(secret)
    }

    fn challenge(&self) -> &'static str {
        match self.place {
            Place::Header(_) => r#"AdminToken realm="admin""#,
            Place::Bearer => r#"Bearer realm="admin""#,
        }
    }
}

impl Default for Credential {
    fn default() -> Self {
        Self::header(DEFAULT_HEADER)
    }
}

/// What follows `Bearer` and its spaces: RFC 9110 section 11.1 compares the scheme without regard to case.
fn after_bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, rest) = value.split_at_checked("bearer".len())?;
    let secret = rest.trim_ascii_start();
    let separated = rest.is_empty() || rest.starts_with(b" ");
    (separated && scheme.eq_ignore_ascii_case(b"bearer")).then_some(secret)
}

/// Backends that pass headers on as variables (CGI, WSGI, PHP) fold `X_Admin_Token` and `X-Admin-Token` into one.
fn remove_aliases(name: &HeaderName, headers: &mut HeaderMap) {
    while let Some(alias) = headers.keys().find(|key| *key != name && folds_to(key, name)).cloned() {
        headers.remove(alias);
    }
}

fn folds_to(alias: &HeaderName, name: &HeaderName) -> bool {
    let (alias, name) = (alias.as_str().as_bytes(), name.as_str().as_bytes());
    alias.len() == name.len() && alias.iter().zip(name).all(|(a, b)| fold(*a) == fold(*b))
}

fn fold(byte: u8) -> u8 {
    if byte.is_ascii_alphanumeric() { byte } else { b'_' }
}

#[cfg(test)]
mod tests;
