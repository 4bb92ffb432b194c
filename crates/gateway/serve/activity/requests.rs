//! The requests that a connection has received, and how much of the last one's body has been read.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed};

use http::{Method, Request, StatusCode, Version};
use http_body::Body;

use crate::serve::framing::Ambiguous;

/// The requests of one connection.
#[derive(Debug)]
pub(in crate::serve) struct Requests {
    count: AtomicU64,
    /// The body that the last request announced.
    content: AtomicU8,
    /// Whether the last request has a version before HTTP/1.1.
    is_before_http11: AtomicBool,
    /// The number of the last request, counted from 1, whose last byte has been received.
    received_whole: AtomicU64,
    /// The number of the last request whose body the service has read to its end.
    read_whole: AtomicU64,
    /// The number of the request, counted from 0, whose head announces its body in two ways.
    ambiguous: AtomicU64,
}

const NOTHING: u8 = 0;
const BODY_WITH_LENGTH: u8 = 1;
const BODY_IN_CHUNKS: u8 = 2;
const TUNNEL: u8 = 3;

const NONE: u64 = u64::MAX;

impl Requests {
    pub(super) fn new() -> Self {
        Self {
            count: AtomicU64::new(0),
            content: AtomicU8::new(NOTHING),
            is_before_http11: AtomicBool::new(false),
            received_whole: AtomicU64::new(0),
            read_whole: AtomicU64::new(0),
            ambiguous: AtomicU64::new(NONE),
        }
    }

    /// Notes that a request's head is complete.
    pub(super) fn received<B: Body>(&self, request: &Request<B>) {
        self.count.fetch_add(1, Relaxed);
        self.content.store(content(request), Relaxed);
        self.is_before_http11.store(request.version() < Version::HTTP_11, Relaxed);
    }

    /// Notes that hyper has read all of the last request.
    pub(super) fn hyper_has_read_all(&self) {
        self.content.store(NOTHING, Relaxed);
    }

    /// How many requests have been received.
    pub(in crate::serve) fn count(&self) -> u64 {
        self.count.load(Relaxed)
    }

    /// Whether the last request has a version before HTTP/1.1.
    pub(super) fn is_last_before_http11(&self) -> bool {
        self.is_before_http11.load(Relaxed)
    }

    /// Notes that a request's head announces its body in two ways. The request was not passed to the service yet.
    pub(in crate::serve) fn head_is_ambiguous(&self, Ambiguous(request): Ambiguous) {
        self.ambiguous.store(request, Relaxed);
    }

    /// Whether the last request announces its body in two ways.
    pub(in crate::serve) fn is_last_ambiguous(&self) -> bool {
        self.count().checked_sub(1) == Some(self.ambiguous.load(Relaxed))
    }

    /// Whether a response with this status upgrades the connection to another protocol, or to a tunnel.
    pub(in crate::serve) fn is_upgrade(&self, status: StatusCode) -> bool {
        let is_connect = self.content.load(Relaxed) == TUNNEL;
        status == StatusCode::SWITCHING_PROTOCOLS || is_connect && status.is_success()
    }

    /// Notes that so many requests were received to their last bytes. The service need not have read them.
    pub(in crate::serve) fn received_whole(&self, requests: u64) {
        self.received_whole.store(requests, Relaxed);
    }

    /// Notes that the service has read all of a request's body.
    pub(in crate::serve) fn body_read(&self, request: u64) {
        self.read_whole.fetch_max(request, Relaxed);
    }

    /// Whether the last request has a body that was not read to its end. The client may still be sending it.
    pub(in crate::serve) fn is_content_unread(&self) -> bool {
        let is_read = self.read_whole.load(Relaxed) >= self.count();
        self.content.load(Relaxed) != NOTHING && !is_read
    }

    /// Whether a response with this status must be the last one of an HTTP/1 connection. It must if the unread rest of
    /// this request could be taken for the next request. hyper can skip an unread body if it has a `Content-Length` and
    /// was received completely. After a CONNECT that was refused, the client may send anything (RFC 9110 section
    /// 9.3.6).
    pub(in crate::serve) fn must_end_with(&self, status: StatusCode) -> bool {
        match self.content.load(Relaxed) {
            TUNNEL => !self.is_upgrade(status),
            BODY_WITH_LENGTH if self.received_whole.load(Relaxed) >= self.count() => false,
            _ => self.is_content_unread(),
        }
    }
}

fn content<B: Body>(request: &Request<B>) -> u8 {
    let body = request.body();
    if request.method() == Method::CONNECT {
        TUNNEL
    } else if body.is_end_stream() {
        NOTHING
    } else if body.size_hint().exact().is_some() {
        BODY_WITH_LENGTH
    } else {
        BODY_IN_CHUNKS
    }
}
