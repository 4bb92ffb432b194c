//! `RejectionKind`: the kinds of refusals.

use std::fmt;

use http::StatusCode;

/// The kind of a [`Rejection`](super::Rejection), with the status that goes with it.
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

impl RejectionKind {
    pub(super) fn status(self) -> StatusCode {
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

impl fmt::Display for RejectionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Address => "the client's address is not allowed",
            Self::CredentialsMissing => "no name and password were given",
            Self::CredentialsMalformed => "what was given can't be a name and a password",
            Self::CredentialsWrong => "the name or the password is wrong",
            Self::Throttled => "the client had too many wrong tries",
            Self::Busy => "too many requests wait to enter",
            Self::TokenMissing => "no token was given",
            Self::TokenMalformed => "what was given can't be a token",
            Self::TokenKey => "the token was signed with a key that isn't known",
            Self::TokenSignature => "the token's signature is wrong",
            Self::TokenTime => "the token has expired, or isn't valid yet",
            Self::TokenParty => "the token is by another issuer, or for another audience",
            Self::Claims => "the token lacks a claim",
            Self::KeysUnknown => "no keys for tokens are known yet",
            Self::Service => "the service that was asked has refused it",
            Self::ServiceFailed => "the service that was asked has not answered",
            Self::Own(reason) => reason,
        })
    }
}
