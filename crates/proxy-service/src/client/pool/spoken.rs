//! Which version of HTTP an endpoint speaks.

use std::sync::atomic::{AtomicBool, Ordering};

use http::uri::Scheme;

use super::super::dial::{Protocol, Protocols};
use crate::target::Target;

/// What it spoke last, or may speak as far as is known: where that may be HTTP/2, one connection is made for all who wait.
pub(super) struct Spoken {
    is_http1: AtomicBool,
    /// It speaks HTTP/2, and has said that it wants HTTP/1.1.
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

    /// From now on nothing else is spoken, nor offered.
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
