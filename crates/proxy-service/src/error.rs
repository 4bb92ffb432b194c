//! A failure: what happened, how far the request had come, and why.

mod kind;

use std::error::Error;
use std::fmt;

use http::StatusCode;

pub use self::kind::{ErrorKind, Side};
use crate::upstream::Upstream;

/// A boxed error, as Tower's own middleware uses.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// A request that could not be forwarded, or a response that could not be finished.
///
/// Its `Display` is for logs, never for clients: [`CatchErrorLayer`](crate::CatchErrorLayer) tells those no more than
/// [`ErrorKind`].
#[derive(Debug)]
pub struct ProxyError {
    kind: ErrorKind,
    stage: Stage,
    upstream: Option<Box<Upstream>>,
    source: Option<BoxError>,
}

impl ProxyError {
    pub(crate) fn new(kind: ErrorKind, stage: Stage) -> Self {
        Self { kind, stage, upstream: None, source: None }
    }

    /// A request that mustn't go on, for a reason that only whoever routes it can know: 400.
    pub fn bad_request(why: impl Into<BoxError>) -> Self {
        Self::new(ErrorKind::BadRequest, Stage::Request).because(why)
    }

    /// A request for which there is no room, for a reason that only whoever balances can know: 503.
    pub fn limit_reached(why: impl Into<BoxError>) -> Self {
        Self::new(ErrorKind::ConnectionLimitReached, Stage::Request).because(why)
    }

    /// A request that was given up, since it took longer than whoever set a limit for all of it allows: 503.
    pub fn deadline_exceeded(why: impl Into<BoxError>) -> Self {
        Self::new(ErrorKind::DeadlineExceeded, Stage::Exchange).because(why)
    }

    /// A request that met a bug of whoever passes it on, such as a panic: 500.
    pub fn internal(why: impl Into<BoxError>) -> Self {
        Self::new(ErrorKind::ProxyInternalError, Stage::Exchange).because(why)
    }

    pub(crate) fn because(mut self, source: impl Into<BoxError>) -> Self {
        self.source = Some(source.into());
        self
    }

    pub(crate) fn at(mut self, upstream: Upstream) -> Self {
        self.upstream = Some(Box::new(upstream));
        self
    }

    /// Where the request went, if it was for going anywhere.
    pub fn upstream(&self) -> Option<&Upstream> {
        self.upstream.as_deref()
    }

    /// What happened.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// How far the request had come.
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// The status that a client is answered with; see [`ErrorKind::status`].
    pub fn status(&self) -> StatusCode {
        self.kind.status()
    }

    /// The first `ProxyError` in a chain of sources, where there is one.
    pub fn find<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(found) = error.downcast_ref::<Self>() {
                return Some(found);
            }
            next = error.source();
        }
        None
    }
}

impl fmt::Display for ProxyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:?}, at {:?})", self.kind.name(), self.kind, self.stage)
    }
}

impl Error for ProxyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// How far a request had come when it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Reading the request, before anything was sent.
    Request,
    /// Resolving, connecting or handshaking; nothing of the request was sent.
    Connect,
    /// Sending the request or waiting for the head of the response.
    Exchange,
    /// Passing the body of the response on.
    ResponseBody,
}
