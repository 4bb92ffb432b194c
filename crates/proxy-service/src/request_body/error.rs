//! How a request body can fail.

use std::fmt;

use crate::error::{BoxError, ErrorKind};

/// Why a request body was cut off. Over HTTP/1 its upstream connection is not used again. Over HTTP/2 its stream is
/// reset.
#[derive(Debug)]
#[non_exhaustive]
pub enum RequestBodyError {
    /// The client's body is malformed, or the client broke off.
    Broken(BoxError),
    /// The client sent nothing for too long: [`Timeouts::body_idle`](crate::Timeouts::body_idle).
    Idle,
    /// The client sent more than [`RouteOptions::max_body`](crate::RouteOptions::max_body) allows.
    TooLarge,
    /// The response ended before the request's body did.
    Abandoned,
}

impl RequestBodyError {
    pub(crate) fn kind(&self) -> ErrorKind {
        match self {
            Self::Broken(_) => ErrorKind::BadRequest,
            Self::Idle => ErrorKind::RequestTimeout,
            Self::TooLarge => ErrorKind::ContentTooLarge,
            Self::Abandoned => ErrorKind::ClientGone,
        }
    }
}

impl fmt::Display for RequestBodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Broken(_) => "the client's body is broken",
            Self::Idle => "the client's body stalled for longer than body_idle",
            Self::TooLarge => "the client's body is larger than max_body",
            Self::Abandoned => "the answer was over before the body",
        })
    }
}

impl std::error::Error for RequestBodyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Broken(source) => Some(&**source),
            Self::Idle | Self::TooLarge | Self::Abandoned => None,
        }
    }
}
