//! Which version of HTTP an endpoint speaks.

use std::sync::atomic::{AtomicBool, Ordering};

use http::uri::Scheme;

use super::super::dial::{Protocol, Protocols};
use crate::target::Target;

/// What the endpoint spoke last. Before the first connection, what it may speak, as far as that is known. If that may
/// be HTTP/2, one connection is opened for all requests that wait.
pub(super) struct Spoken {
    is_http1: AtomicBool,
    /// The endpoint speaks HTTP/2, but has asked for HTTP/1.1.
    is_http1_wanted: AtomicBool,
}

impl Spoken {
    pub(super) fn before_the_first(protocols: Protocols, target: &Target) -> Self {
        let is_http1 = match protocols {
            Protocols::Http1 => true,
            Protocols::Auto => *target.scheme() != Scheme::HTTPS,
            Protocols::Http2 => false,
        };
        Self { is_http1: AtomicBool::new(is_http1), is_http1_wanted: AtomicBool::new(false) }
    }

    pub(super) fn note(&self, protocol: Protocol) {
        self.is_http1.store(protocol == Protocol::Http1, Ordering::Relaxed);
    }

    /// From now on only HTTP/1.1 is offered and spoken.
    pub(super) fn want_http1(&self) {
        self.is_http1_wanted.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_http1_wanted(&self) -> bool {
        self.is_http1_wanted.load(Ordering::Relaxed)
    }

    pub(super) fn is_http1(&self) -> bool {
        self.is_http1.load(Ordering::Relaxed) || self.is_http1_wanted()
    }
}
