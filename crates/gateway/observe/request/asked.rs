//! What was asked.

use std::net::IpAddr;

use axum::http::{HeaderValue, Method, Uri, Version};
use http1::Fault;

use crate::observe::traces::Trace;

/// What the edge knew of a request when it came.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) id: Option<HeaderValue>,
    /// `None` if the listener refused the request and couldn't read it, as with `uri`.
    pub(crate) method: Option<Method>,
    /// As the client sent it, with the route's prefix.
    pub(crate) uri: Option<Uri>,
    pub(crate) version: Version,
    /// The version of TLS, such as `TLSv1.3`. `None` without TLS.
    pub(crate) tls: Option<&'static str>,
    /// Kept only if somebody wants it, as with `user_agent` and `referrer`.
    pub(crate) host: Option<HeaderValue>,
    pub(crate) user_agent: Option<HeaderValue>,
    pub(crate) referrer: Option<HeaderValue>,
    /// The peer, or the client that a trusted proxy names.
    pub(crate) client: Option<IpAddr>,
    /// Why the listener refused it.
    pub(crate) fault: Option<Fault>,
    /// Its part in a trace, if requests are traced. Boxed, since most are not.
    pub(crate) trace: Option<Box<Trace>>,
}

impl Asked {
    /// The host that was asked for, if anybody wants it.
    pub(crate) fn host(&self) -> Option<&[u8]> {
        self.host.as_ref().map(HeaderValue::as_bytes)
    }

    /// Where the request comes from, without the query, if anybody wants it.
    pub(crate) fn referrer(&self) -> Option<&[u8]> {
        self.referrer.as_ref().and_then(|referrer| referrer.as_bytes().split(|byte| *byte == b'?').next())
    }
}
