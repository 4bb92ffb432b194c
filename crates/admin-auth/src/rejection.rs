use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use crate::body::AdminAuthBody;
use crate::token::AdminToken;

/// Why a request was refused. It is in the extensions of the response, for logs and for outer layers.
///
/// The client sees only the status. Nothing here is taken from what the client sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    reason: Reason,
}

/// The kind of a [`Rejection`], with the status that goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RejectionKind {
    /// There was no credential, or an empty one: 401 with `WWW-Authenticate`.
    Missing,
    /// There was more than one credential: 403.
    Repeated,
    /// The credential can't be a token, because it has a byte that isn't visible ASCII, or more than
    /// [`AdminToken::MAX_LEN`] bytes: 403.
    Malformed,
    /// The credential isn't in the set: 403.
    Unknown,
    /// The credential is a token of the set that has expired: 403.
    Expired,
    /// The peer has had too many wrong tries: 429 with `Retry-After`.
    Throttled,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Reason {
    Missing { challenge: &'static str },
    Repeated,
    Malformed,
    Unknown,
    Expired { label: Option<Arc<str>> },
    Throttled { retry_after: Duration },
}

impl Rejection {
    pub(crate) const REPEATED: Self = Self { reason: Reason::Repeated };
    pub(crate) const MALFORMED: Self = Self { reason: Reason::Malformed };
    pub(crate) const UNKNOWN: Self = Self { reason: Reason::Unknown };

    pub(crate) fn missing(challenge: &'static str) -> Self {
        Self { reason: Reason::Missing { challenge } }
    }

    pub(crate) fn expired(token: &AdminToken) -> Self {
        Self { reason: Reason::Expired { label: token.shared_label() } }
    }

    pub(crate) fn throttled(retry_after: Duration) -> Self {
        Self { reason: Reason::Throttled { retry_after } }
    }

    /// The kind of this rejection.
    #[must_use]
    pub fn kind(&self) -> RejectionKind {
        match self.reason {
            Reason::Missing { .. } => RejectionKind::Missing,
            Reason::Repeated => RejectionKind::Repeated,
            Reason::Malformed => RejectionKind::Malformed,
            Reason::Unknown => RejectionKind::Unknown,
            Reason::Expired { .. } => RejectionKind::Expired,
            Reason::Throttled { .. } => RejectionKind::Throttled,
        }
    }

    /// The status that the client got.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self.kind() {
            RejectionKind::Missing => StatusCode::UNAUTHORIZED,
            RejectionKind::Repeated
            | RejectionKind::Malformed
            | RejectionKind::Unknown
            | RejectionKind::Expired => StatusCode::FORBIDDEN,
            RejectionKind::Throttled => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    /// The label of the token, if it has one and the token has expired.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        match &self.reason {
            Reason::Expired { label } => label.as_deref(),
            _ => None,
        }
    }

    /// How long a throttled peer has to wait, in whole seconds and at least one.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self.reason {
            Reason::Throttled { retry_after } => Some(retry_after),
            _ => None,
        }
    }

    pub(crate) fn to_response<B>(&self) -> Response<AdminAuthBody<B>> {
        let mut response = Response::new(AdminAuthBody::refusal(self.text()));
        *response.status_mut() = self.status();
        self.write_headers(response.headers_mut());
        response.extensions_mut().insert(self.clone());
        response
    }

    fn write_headers(&self, headers: &mut HeaderMap) {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match self.reason {
            // A 401 has to carry a challenge (RFC 9110 section 11.6.1).
            Reason::Missing { challenge } => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
            }
            Reason::Throttled { retry_after } => {
                headers.insert(RETRY_AFTER, HeaderValue::from(retry_after.as_secs()));
            }
            _ => {}
        }
    }

    fn text(&self) -> &'static str {
        match self.reason {
            Reason::Missing { .. } => "Unauthorized\n",
            Reason::Throttled { .. } => "Too Many Requests\n",
            _ => "Forbidden\n",
        }
    }
}

impl RejectionKind {
    /// Its name in logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Repeated => "repeated",
            Self::Malformed => "malformed",
            Self::Unknown => "unknown",
            Self::Expired => "expired",
            Self::Throttled => "throttled",
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind() {
            RejectionKind::Missing => "no admin token was given",
            RejectionKind::Repeated => "more than one admin token was given",
            RejectionKind::Malformed => "what was given can't be an admin token",
            RejectionKind::Unknown => "the admin token is wrong",
            RejectionKind::Expired => "the admin token has expired",
            RejectionKind::Throttled => "the peer had too many wrong tries",
        })
    }
}

impl Error for Rejection {}
