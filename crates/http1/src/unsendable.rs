//! What may not be sent.

use std::fmt;

/// Something that would have broken the protocol, had it been sent. Nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unsendable {
    /// A head where none may come: the message before it is not complete, or the connection was to end after that.
    HeadOutOfTurn,
    /// A request to a target that can't be written: CONNECT without an authority, or no path.
    InvalidTarget,
    /// An interim response with a status that isn't 1xx, or a final one that is.
    InvalidStatus,
    /// More content than was announced.
    BodyTooLong,
    /// Less content than was announced. The connection has to be cut, since the peer waits for the rest.
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
