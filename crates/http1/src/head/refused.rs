//! A request's head that was refused.

use std::error::Error;
use std::fmt;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, Uri, Version};

use super::parsed::{Span, version};
use super::target;
use crate::Fault;

/// A request's head that was refused: why, and what could be read of it.
///
/// What could be read is meant for a log and for the response. Nobody may act on it as on a request. It doesn't depend
/// on the pieces in which the head came.
#[derive(Clone, Debug)]
pub struct RefusedHead {
    /// What is wrong with it. [`Fault::status`] is the status to answer it with.
    pub fault: Fault,
    /// None if the request line is malformed or was cut off.
    pub method: Option<Method>,
    /// None if the target itself was refused, was cut off or has more bytes than a [`Uri`] can have (64 KiB). It may be
    /// longer than [`Limits::target`](crate::Limits::target).
    pub target: Option<Uri>,
    /// None if the version is unknown or was cut off.
    pub version: Option<Version>,
    /// All fields, in a head that is complete and has only well-formed lines. Empty for any other head, never a part of
    /// the fields.
    pub headers: HeaderMap,
}

impl RefusedHead {
    /// A head of which nothing is known.
    #[cold]
    pub(super) fn unread(fault: Fault) -> Box<Self> {
        Box::new(Self { fault, method: None, target: None, version: None, headers: HeaderMap::new() })
    }

    /// A head whose fields can't be read. `head` has at least its bytes up to the fault, and begins with its request
    /// line.
    #[cold]
    pub(crate) fn begun(fault: Fault, head: &[u8]) -> Box<Self> {
        let mut refused = Self::unread(fault);
        if fault == Fault::InvalidRequestLine {
            return refused;
        }
        // The line is parsed again, which needs no room for fields. What is wrong behind it doesn't matter here.
        let mut line = httparse::Request::new(&mut []);
        let _fault_is_known = line.parse(head);
        refused.method = line.method.and_then(|method| Method::from_bytes(method.as_bytes()).ok());
        refused.target = line.path.zip(refused.method.as_ref()).and_then(|(path, method)| {
            let whole = Span::of(path.as_bytes(), path.as_bytes());
            target::read(&Bytes::copy_from_slice(path.as_bytes()), whole, method).ok()
        });
        refused.version = line.version.map(version);
        refused
    }

    /// A head that was read to its end, but has a meaning that is refused.
    #[cold]
    pub(crate) fn whole(fault: Fault, parts: Parts) -> Box<Self> {
        let Parts { method, uri, version, headers, .. } = parts;
        Box::new(Self { fault, method: Some(method), target: Some(uri), version: Some(version), headers })
    }
}

impl fmt::Display for RefusedHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fault.fmt(f)
    }
}

impl Error for RefusedHead {}
