//! The log: one event for each decision, and the one list of its fields.

use std::net::IpAddr;

use http::Request;
use tracing::Level;

use crate::rejection::{Rejection, RejectionKind};
use crate::token::AdminToken;

const TARGET: &str = "admin_auth";

pub(crate) fn accepted<B>(request: &Request<B>, peer: Option<IpAddr>, token: &AdminToken) {
    tracing::event!(
        target: TARGET,
        Level::INFO,
        admin.decision = "accepted",
        admin.label = token.shared_label().as_deref(),
        admin.peer = peer.map(tracing::field::display),
        http.method = request.method().as_str(),
        http.path = request.uri().path(),
    );
}

pub(crate) fn refused<B>(request: &Request<B>, peer: Option<IpAddr>, rejection: &Rejection) {
    macro_rules! refused {
        ($level:expr) => {
            tracing::event!(
                target: TARGET,
                $level,
                admin.decision = "refused",
                admin.reason = rejection.kind().name(),
                admin.label = rejection.label(),
                admin.peer = peer.map(tracing::field::display),
                http.method = request.method().as_str(),
                http.path = request.uri().path(),
            )
        };
    }
    match rejection.kind() {
        RejectionKind::Missing => refused!(Level::INFO),
        RejectionKind::Throttled => refused!(Level::DEBUG),
        _ => refused!(Level::WARN),
    }
}

pub(crate) fn no_tokens() {
    tracing::warn!(target: TARGET, "the token set is empty: every request will be refused");
}
