//! Requests that got no response.

use std::fmt;

use crate::error::{BoxError, ErrorKind};

/// A request that got no response; its sources say why.
///
/// A client of your own can say with it what only the client knows: see [`ClientError::unsent`].
#[derive(Debug)]
pub struct ClientError {
    reached: Reached,
    source: BoxError,
}

/// How far the request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reached {
    Nothing,
    FreshConnection,
    ReusedConnection,
    Refusal,
}

impl ClientError {
    /// Not one byte of the request was sent: it may go elsewhere, whatever its method.
    pub fn unsent(source: impl Into<BoxError>) -> Self {
        Self { reached: Reached::Nothing, source: source.into() }
    }

    /// On a connection that takes no more requests, or not now: not one byte of this one was processed, and it may go once more
    /// over another connection to the same upstream, whatever its method. HTTP/2 says so with REFUSED_STREAM, and with a
    /// GOAWAY that leaves the request out (RFC 9113 §8.7).
    pub fn refused(source: impl Into<BoxError>) -> Self {
        Self { reached: Reached::Refusal, source: source.into() }
    }

    /// On a connection made for this request.
    pub fn on_fresh_connection(source: impl Into<BoxError>) -> Self {
        Self { reached: Reached::FreshConnection, source: source.into() }
    }

    /// On a connection that had waited in a pool, and that the upstream may have closed meanwhile.
    pub fn on_reused_connection(source: impl Into<BoxError>) -> Self {
        Self { reached: Reached::ReusedConnection, source: source.into() }
    }

    /// Whether not one byte of the request was sent, or of a [`refused`](Self::refused) one processed.
    pub fn is_unsent(&self) -> bool {
        matches!(self.reached, Reached::Nothing | Reached::Refusal)
    }

    /// Whether another connection to the same upstream may take it.
    pub fn is_refused(&self) -> bool {
        self.reached == Reached::Refusal
    }

    /// Whether the connection is older than the request, so that the upstream may have closed it while it was idle.
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

/// What an error means, where the client knows it better than the error's sources.
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
