//! The place of the token in a request.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};

use crate::rejection::Rejection;
use crate::token::{Digest, may_be_secret};

/// Where a request carries its token: in a header of its own, or in `Authorization: Bearer`.
///
/// A request must carry exactly one token. The header is removed before the inner service sees the request. The
/// default is the header `X-Admin-Token`.
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
    /// The token is the whole value of the header `name`. Other headers, `Authorization` among them, pass
    /// unchanged.
    #[must_use]
    pub fn header(name: HeaderName) -> Self {
        Self { place: Place::Header(name) }
    }

    /// The token is in `Authorization: Bearer <token>` (RFC 6750 section 2.1).
    ///
    /// An `Authorization` of another scheme counts as no token.
    #[must_use]
    pub fn bearer() -> Self {
        Self { place: Place::Bearer }
    }

    /// Removes each line from `headers` that could be read as the credential, and digests the token if there is
    /// exactly one.
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

/// What follows `Bearer` and its spaces. The case of the scheme doesn't matter (RFC 9110 section 11.1).
fn after_bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, rest) = value.split_at_checked("bearer".len())?;
    let secret = rest.trim_ascii_start();
    let separated = rest.is_empty() || rest.starts_with(b" ");
    (separated && scheme.eq_ignore_ascii_case(b"bearer")).then_some(secret)
}

/// Removes headers such as `X_Admin_Token`: backends that pass headers on as variables (CGI, WSGI, PHP) give it the
/// same name as `X-Admin-Token`.
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
