//! `Finished`: everything about a request that has ended.

use std::sync::Arc;

use axum::http::StatusCode;
use proxy_service::{ErrorKind, Upstream};

use super::asked::Asked;
use super::ended::Ended;
use super::stages::Stages;
use crate::observe::metrics::RouteMeter;
use crate::route::Reason;
use crate::route::entered::Entered;

/// Everything about a request that has ended.
#[derive(Debug)]
pub(crate) struct Finished<'a> {
    pub(crate) asked: &'a Asked,
    /// `None` if no route took it.
    pub(crate) route: Option<&'a Arc<RouteMeter>>,
    /// Whom a gate of the route has let in.
    pub(crate) user: Option<&'a Entered>,
    /// The answer's; 499 if the client left.
    pub(crate) status: StatusCode,
    /// What went wrong. A request that the listener refused has its fault besides.
    pub(crate) kind: Option<ErrorKind>,
    /// Why a layer of the route has refused it.
    pub(crate) reason: Option<Reason>,
    /// Who answered, or should have.
    pub(crate) upstream: Option<&'a Upstream>,
    /// How often it was handed to an upstream.
    pub(crate) tries: u32,
    /// Of the request's body, as far as it was taken.
    pub(crate) bytes_in: u64,
    /// Of the answer's body.
    pub(crate) bytes_out: u64,
    pub(crate) stages: Stages,
    pub(crate) ended: Ended,
}

impl<'a> Finished<'a> {
    /// Whether it was answered with a 5xx, or its answer broke off through no fault of the client.
    pub(crate) fn has_failed(&self) -> bool {
        self.status.is_server_error()
            || matches!(self.ended, Ended::UpstreamBrokeInBody | Ended::TimeoutInBody | Ended::GatewayFailed)
    }

    /// Whether the gateway refused it: no upstream did that.
    pub(crate) fn was_refused(&self) -> bool {
        let is_ours = self.reason.is_some() || self.kind.is_some_and(|kind| kind != ErrorKind::ClientGone);
        self.status.is_client_error() && is_ours
    }

    /// The request's id, as the client was told.
    pub(crate) fn id(&self) -> Option<&'a str> {
        self.asked.id.as_ref().and_then(|id| id.to_str().ok())
    }

    /// What went wrong, in a word: the listener's fault, or else the name in RFC 9209's registry, or else why a layer of
    /// the route has refused the request. The registry has none for a client that left: `client_gone`.
    pub(crate) fn error(&self) -> Option<&'static str> {
        let fault = self.asked.fault.map(|fault| fault.as_str());
        fault.or(self.kind.map(error_name)).or(self.reason.map(|Reason(why)| why))
    }
}

/// The name of an error, as operators see it. RFC 9209's registry has none for a client that left.
pub(crate) fn error_name(kind: ErrorKind) -> &'static str {
    if kind == ErrorKind::ClientGone { "client_gone" } else { kind.name() }
}
