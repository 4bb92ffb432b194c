//! Why a message can't be sent.

use std::fmt;

/// Why something can't be sent: it would break the protocol. Nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unsendable {
    /// A head where none may be sent: the message before it is not complete, or the connection ends after that message.
    HeadOutOfTurn,
    /// A request with a target that can't be written: CONNECT without an authority, or another method without a path.
    InvalidTarget,
    /// An interim response with a status that isn't 1xx or is 101, or a final response with 1xx other than a 101 that
    /// was asked for.
    InvalidStatus,
    /// More content than was announced.
    BodyTooLong,
    /// Less content than was announced. The caller has to close the connection, since the peer waits for the rest.
    BodyTooShort,
}

impl fmt::Display for Unsendable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HeadOutOfTurn => "no head may be sent now",
            Self::InvalidTarget => "the request's target can't be sent",
            Self::InvalidStatus => "the response's status can't be sent now",
            Self::BodyTooLong => "the body is longer than announced",
            Self::BodyTooShort => "the body is shorter than announced",
        })
    }
}

impl std::error::Error for Unsendable {}
