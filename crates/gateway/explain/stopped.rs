//! Where a request is answered by the gateway itself.

use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use proxy_service::{ErrorKind, Side};

use crate::admission;
use crate::config::{Listen, Route};
use crate::pick::X_GATEWAY_PICK;
use crate::route::answers::is_preflight;
use crate::route::entry::{Rejection, RejectionKind};
use crate::serve::{Refused, RequestBody};
use crate::table::Table;

/// The layers, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Listener,
    RequestId,
    CommonErrors,
    Admission,
    Redirect,
    Routing,
    Security,
    Compression,
    Errors,
    Cors,
    Timeout,
    Addresses,
    Rate,
    Gate,
    Entry,
    RateOfUser,
    Wait,
    Rewrite,
    Answer,
    Mirror,
    Split,
    Fallback,
    Affinity,
    Balancer,
    Proxy,
    Connection,
}

impl Place {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Listener => "listener",
            Self::RequestId => "request id",
            Self::Timeout => "timeout",
            Self::Admission => "admission",
            Self::Redirect => "redirect",
            Self::Routing => "routing",
            Self::Security => "security",
            Self::Compression => "compression",
            Self::CommonErrors | Self::Errors => "errors",
            Self::Cors => "cors",
            Self::Addresses => "addresses",
            Self::Rate | Self::RateOfUser => "rate limit",
            Self::Gate => "gate",
            Self::Entry => "entry",
            Self::Wait => "limits",
            Self::Rewrite => "rewrite",
            Self::Answer => "answer",
            Self::Mirror => "mirror",
            Self::Split => "split",
            Self::Fallback => "fallback",
            Self::Affinity => "affinity",
            Self::Balancer => "balancer",
            Self::Proxy => "proxy",
            Self::Connection => "connection",
        }
    }

    /// The layer that gave this answer to `request`, which no upstream got.
    pub(super) fn of<B>(
        response: &Response<B>,
        request: Request<RequestBody>,
        (table, listen, route): (&Table, &Listen, Option<&Route>),
    ) -> Self {
        if request.extensions().get::<Refused>().is_some() {
            return Self::Listener;
        }
        let is_preflight = is_preflight(&request);
        let is_asking_why = request.headers().contains_key(&X_GATEWAY_PICK);
        if admission::admit(request.map(Body::new), table.matcher()).is_err() {
            return Self::Admission;
        }
        if listen.redirect.is_some() && response.status() == StatusCode::PERMANENT_REDIRECT {
            return Self::Redirect;
        }
        let Some(route) = route else { return Self::Routing };
        if is_preflight && route.answers.cors.is_some() {
            return Self::Cors;
        }
        match response.extensions().get::<Rejection>().map(Rejection::kind) {
            Some(RejectionKind::Address) => return Self::Addresses,
            Some(_) => return Self::Entry,
            None => {}
        }
        match response.extensions().get::<ErrorKind>() {
            Some(kind) if kind.side() == Side::Client => Self::Proxy,
            Some(_) => Self::Balancer,
            None if route.entry.admin_tokens.is_some() || is_asking_why => Self::Gate,
            None if route.action.own_answer().is_some() => Self::Answer,
            None => Self::Proxy,
        }
    }
}
