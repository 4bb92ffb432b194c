//! The error of a request that got no response.

use std::fmt;

use crate::error::{BoxError, ErrorKind};

/// A request got no response. The sources of this error say why.
///
/// If you write a client of your own, it can tell the proxy with this error how far the request got, and so whether
/// it may be sent again: see [`ClientError::unsent`].
#[derive(Debug)]
pub struct ClientError {
    reached: Reached,
    source: BoxError,
}

/// How far the request got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reached {
    Nothing,
    FreshConnection,
    ReusedConnection,
    Refusal,
}

impl ClientError {
    /// Not one byte of the request was sent. So the request may be sent to another upstream, whatever its method.
    pub fn unsent(source: impl Into<BoxError>) -> Self {
        Self { reached: Reached::Nothing, source: source.into() }
    }

    /// The connection refused the request: it takes no more requests, or none for now. Not one byte of the request
    /// was processed. So the request may be sent once more, over another connection to the same upstream, whatever
    /// its method. In HTTP/2 a request is refused by REFUSED_STREAM, or by a GOAWAY that leaves the request out (RFC
    /// 9113 §8.7).
    pub fn refused(source: impl Into<BoxError>) -> Self {
        Self { reached: Reached::Refusal, source: source.into() }
    }

    /// The request failed on a connection that was opened for it.
    pub fn on_fresh_connection(source: impl Into<BoxError>) -> Self {
        Self { reached: Reached::FreshConnection, source: source.into() }
    }

    /// The request failed on a connection that was idle in a pool before. The upstream may have closed it meanwhile.
    pub fn on_reused_connection(source: impl Into<BoxError>) -> Self {
        Self { reached: Reached::ReusedConnection, source: source.into() }
    }

    /// Whether not one byte of the request was sent, or the connection [`refused`](Self::refused) it and not one byte
    /// was processed.
    pub fn is_unsent(&self) -> bool {
        matches!(self.reached, Reached::Nothing | Reached::Refusal)
    }

    /// Whether the connection refused the request, so that it may be sent over another connection to the same
    /// upstream.
    pub fn is_refused(&self) -> bool {
        self.reached == Reached::Refusal
    }

    /// Whether the connection existed before the request. If so, the upstream may have closed it while it was idle.
    pub fn is_on_reused_connection(&self) -> bool {
        self.reached == Reached::ReusedConnection
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.reached {
            Reached::Nothing => "not sent",
            Reached::Refusal => "refused by the connection",
            Reached::FreshConnection => "no response",
            Reached::ReusedConnection => "no response on a reused connection",
        })
    }
}

impl std::error::Error for ClientError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.source)
    }
}

/// An error whose kind the client states itself, because the sources of the error don't tell it.
#[derive(Debug)]
pub(crate) struct Diagnosis {
    kind: ErrorKind,
    text: &'static str,
}

impl Diagnosis {
    pub(super) const fn new(kind: ErrorKind, text: &'static str) -> Self {
        Self { kind, text }
    }

    pub(crate) fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)
    }
}

impl std::error::Error for Diagnosis {}
