//! What is known of a request so far.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use proxy_service::{ErrorKind, Upstream};
use tracing::Span;

use super::asked::Asked;
use crate::observe::audience::Audience;
use crate::observe::metrics::RouteMeter;
use crate::route::Reason;
use crate::route::entered::Entered;

/// What is known of a request so far. One allocation has it all, which the edge shares with inner layers.
#[derive(Debug)]
pub(super) struct Story {
    pub(super) asked: Asked,
    pub(super) began: Instant,
    /// The span of other events of the request.
    pub(super) span: Span,
    pub(super) audience: Arc<Audience>,
    pub(super) route: OnceLock<Arc<RouteMeter>>,
    pub(super) user: OnceLock<Entered>,
    pub(super) tries: AtomicU32,
    pub(super) bytes_in: AtomicU64,
    pub(super) bytes_out: AtomicU64,
    pub(super) head: OnceLock<Head>,
    pub(super) is_over: AtomicBool,
}

/// The head of the answer.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) after: Duration,
    pub(super) status: StatusCode,
    pub(super) upstream: Option<Upstream>,
    pub(super) error: Option<ErrorKind>,
    /// Why a layer of the route has refused the request.
    pub(super) reason: Option<Reason>,
}

impl Story {
    pub(super) fn new(asked: Asked, span: Span, audience: &Arc<Audience>) -> Arc<Self> {
        Arc::new(Self {
            asked,
            began: Instant::now(),
            span,
            audience: Arc::clone(audience),
            route: OnceLock::new(),
            user: OnceLock::new(),
            tries: AtomicU32::new(0),
            bytes_in: AtomicU64::new(0),
            bytes_out: AtomicU64::new(0),
            head: OnceLock::new(),
            is_over: AtomicBool::new(false),
        })
    }
}
