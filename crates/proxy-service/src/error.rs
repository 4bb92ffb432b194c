//! A failure: what happened, how far the request came, and why.

mod kind;

use std::error::Error;
use std::fmt;

use http::StatusCode;

pub use self::kind::{ErrorKind, Side};
use crate::upstream::Upstream;

/// A boxed error, as Tower's middleware uses it.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Why a request could not be forwarded, or a response not finished.
///
/// Its `Display` is for logs and not for clients. [`CatchErrorLayer`](crate::CatchErrorLayer) tells clients no more
/// than the [`ErrorKind`].
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

    /// For a server or a router: the request must not go on. Nothing of it was sent. It is answered with the status of
    /// `kind`.
    pub fn refused(kind: ErrorKind, why: impl Into<BoxError>) -> Self {
        Self::new(kind, Stage::Request).because(why)
    }

    /// For a router: the request must not go on. It is answered with 400.
    pub fn bad_request(why: impl Into<BoxError>) -> Self {
        Self::refused(ErrorKind::BadRequest, why)
    }

    /// For a balancer: there is no room for the request. It is answered with 503.
    pub fn limit_reached(why: impl Into<BoxError>) -> Self {
        Self::refused(ErrorKind::ConnectionLimitReached, why)
    }

    /// For a layer that limits how many requests a client may send: it has sent too many. It is answered with 429.
    pub fn too_many_requests(why: impl Into<BoxError>) -> Self {
        Self::refused(ErrorKind::TooManyRequests, why)
    }

    /// For a layer that limits the time of a whole request: it took too long. It is answered with 503.
    pub fn deadline_exceeded(why: impl Into<BoxError>) -> Self {
        Self::new(ErrorKind::DeadlineExceeded, Stage::Exchange).because(why)
    }

    /// For a bug in a layer, such as a panic. The request is answered with 500.
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

    /// The upstream that the request was sent to, or should have been. None if the request was refused before.
    pub fn upstream(&self) -> Option<&Upstream> {
        self.upstream.as_deref()
    }

    /// What happened.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// How far the request came.
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// Whether a time limit was over: the kinds that are timeouts, and a body that stalled for longer than
    /// [`Timeouts::body_idle`](crate::Timeouts::body_idle).
    pub fn is_timeout(&self) -> bool {
        let is_stall = || self.source.as_ref().is_some_and(|source| source.is::<Stalled>());
        matches!(
            self.kind,
            ErrorKind::DnsTimeout
                | ErrorKind::ConnectionTimeout
                | ErrorKind::RequestTimeout
                | ErrorKind::HttpResponseTimeout
                | ErrorKind::DeadlineExceeded
        ) || is_stall()
    }

    /// The status that the client is answered with: [`ErrorKind::status`].
    pub fn status(&self) -> StatusCode {
        self.kind.status()
    }

    /// Finds the first `ProxyError` in an error and its sources.
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

/// Why a body is incomplete whose upstream hasn't broken off.
#[derive(Debug)]
pub(crate) struct Stalled;

impl fmt::Display for Stalled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the upstream's body stalled for longer than body_idle")
    }
}

impl Error for Stalled {}

/// How far a request came before it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Reading the request, before anything was sent.
    Request,
    /// Resolving the name, connecting, or the TLS handshake. Nothing of the request was sent.
    Connect,
    /// Sending the request, or waiting for the head of the response.
    Exchange,
    /// Passing the body of the response on.
    ResponseBody,
}
