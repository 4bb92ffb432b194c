use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};

use super::super::reason::Reason;

/// Why a request was refused. It is in the extensions of the response, for logs and for outer layers, as is its
/// [`Reason`].
///
/// Nothing here is taken from what the client sent.
#[derive(Clone, Debug)]
pub struct Rejection {
    kind: RejectionKind,
    challenge: Option<HeaderValue>,
    retry_after: Option<Duration>,
    /// What another service has answered.
    answer: Option<Arc<Response<Bytes>>>,
}

/// The kind of a [`Rejection`], with the status that goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RejectionKind {
    /// The client's address isn't allowed: 403.
    Address,
    /// There were no credentials: 401 with `WWW-Authenticate`.
    CredentialsMissing,
    /// The credentials were more than one, too long, or can't be read: 401.
    CredentialsMalformed,
    /// There is no such user, or the password is wrong: 401.
    CredentialsWrong,
    /// The client has had too many wrong tries: 429 with `Retry-After`.
    Throttled,
    /// Too many requests wait already for their password to be checked, or for the other service: 503 with `Retry-After`.
    Busy,
    /// There was no token: 401.
    TokenMissing,
    /// The token was one of several, too long, or can't be read: 401.
    TokenMalformed,
    /// The token was signed with a key or an algorithm that isn't known: 401.
    TokenKey,
    /// The signature of the token is wrong: 401.
    TokenSignature,
    /// The token has expired, or isn't valid yet: 401.
    TokenTime,
    /// The token is by another issuer, or for another audience: 401.
    TokenParty,
    /// The token lacks a claim that is required, or has another value in it: 403.
    Claims,
    /// No keys are known yet: 503 with `Retry-After`.
    KeysUnknown,
    /// The service that was asked has refused it: what it has answered.
    Service,
    /// The service that was asked has not answered, or not in time: 502, 503 or 504 with `Proxy-Status`.
    ServiceFailed,
    /// A guard of the program's own has refused it: 403.
    Own(&'static str),
}

impl Rejection {
    pub(super) fn new(kind: RejectionKind) -> Self {
        Self { kind, challenge: None, retry_after: None, answer: None }
    }

    /// For a guard of the program's own: 403. `reason` is for the log.
    #[must_use]
    pub fn forbidden(reason: &'static str) -> Self {
        Self::new(RejectionKind::Own(reason))
    }

    /// A 401 has to carry a challenge (RFC 9110 §11.6.1).
    pub(super) fn challenging(self, challenge: HeaderValue) -> Self {
        Self { challenge: Some(challenge), ..self }
    }

    pub(super) fn after(self, wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..self }
    }

    pub(super) fn answered(kind: RejectionKind, answer: Response<Bytes>) -> Self {
        Self { answer: Some(Arc::new(answer)), ..Self::new(kind) }
    }

    /// The kind of this rejection.
    #[must_use]
    pub fn kind(&self) -> RejectionKind {
        self.kind
    }

    /// The status that the client gets.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.answer.as_ref().map_or(self.kind.status(), |answer| answer.status())
    }

    pub(super) fn into_response(self) -> Response<Bytes> {
        let mut response = match &self.answer {
            Some(answer) => Response::clone(answer),
            None => self.own_answer(),
        };
        response.extensions_mut().insert(Reason(self.kind.name()));
        response.extensions_mut().insert(self);
        response
    }

    fn own_answer(&self) -> Response<Bytes> {
        let status = self.kind.status();
        let mut response = Response::new(Bytes::from_static(text(status).as_bytes()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(challenge) = &self.challenge {
            headers.insert(WWW_AUTHENTICATE, challenge.clone());
        }
        if let Some(wait) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
        response
    }
}

fn text(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "Unauthorized\n",
        StatusCode::TOO_MANY_REQUESTS => "Too Many Requests\n",
        StatusCode::SERVICE_UNAVAILABLE => "Service Unavailable\n",
        _ => "Forbidden\n",
    }
}

impl RejectionKind {
    fn status(self) -> StatusCode {
        match self {
            Self::Address | Self::Claims | Self::Service | Self::Own(_) => StatusCode::FORBIDDEN,
            Self::CredentialsMissing
            | Self::CredentialsMalformed
            | Self::CredentialsWrong
            | Self::TokenMissing
            | Self::TokenMalformed
            | Self::TokenKey
            | Self::TokenSignature
            | Self::TokenTime
            | Self::TokenParty => StatusCode::UNAUTHORIZED,
            Self::Throttled => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy | Self::KeysUnknown | Self::ServiceFailed => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Its name in logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Address => "address_denied",
            Self::CredentialsMissing => "credentials_missing",
            Self::CredentialsMalformed => "credentials_malformed",
            Self::CredentialsWrong => "credentials_wrong",
            Self::Throttled => "credentials_throttled",
            Self::Busy => "entry_busy",
            Self::TokenMissing => "token_missing",
            Self::TokenMalformed => "token_malformed",
            Self::TokenKey => "token_key_unknown",
            Self::TokenSignature => "token_signature_wrong",
            Self::TokenTime => "token_expired",
            Self::TokenParty => "token_not_for_us",
            Self::Claims => "token_claims_missing",
            Self::KeysUnknown => "token_keys_unavailable",
            Self::Service => "forward_auth_refused",
            Self::ServiceFailed => "forward_auth_failed",
            Self::Own(reason) => reason,
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            RejectionKind::Address => "the client's address is not allowed",
            RejectionKind::CredentialsMissing => "no name and password were given",
            RejectionKind::CredentialsMalformed => "what was given can't be a name and a password",
            RejectionKind::CredentialsWrong => "the name or the password is wrong",
            RejectionKind::Throttled => "the client had too many wrong tries",
            RejectionKind::Busy => "too many requests wait to enter",
            RejectionKind::TokenMissing => "no token was given",
            RejectionKind::TokenMalformed => "what was given can't be a token",
            RejectionKind::TokenKey => "the token was signed with a key that isn't known",
            RejectionKind::TokenSignature => "the token's signature is wrong",
            RejectionKind::TokenTime => "the token has expired, or isn't valid yet",
            RejectionKind::TokenParty => "the token is by another issuer, or for another audience",
            RejectionKind::Claims => "the token lacks a claim",
            RejectionKind::KeysUnknown => "no keys for tokens are known yet",
            RejectionKind::Service => "the service that was asked has refused it",
            RejectionKind::ServiceFailed => "the service that was asked has not answered",
            RejectionKind::Own(reason) => reason,
        })
    }
}

impl Error for Rejection {}
