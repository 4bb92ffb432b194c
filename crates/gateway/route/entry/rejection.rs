//! `Rejection`: why a request was refused, and what its client is told.

mod kind;

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};

pub use self::kind::RejectionKind;
use crate::route::reason::Reason;

/// Why a request was refused. It is in the extensions of the response, for logs and for outer layers, as is its
/// [`Reason`].
///
/// Nothing here is taken from what the client sent.
#[derive(Clone, Debug)]
pub struct Rejection {
    kind: RejectionKind,
    challenges: Vec<HeaderValue>,
    retry_after: Option<Duration>,
    /// What another service has answered.
    answer: Option<Arc<Response<Bytes>>>,
}

impl Rejection {
    pub(super) fn new(kind: RejectionKind) -> Self {
        Self { kind, challenges: Vec::new(), retry_after: None, answer: None }
    }

    /// For a guard of the program's own: 403. `reason` is for the log.
    #[must_use]
    pub fn forbidden(reason: &'static str) -> Self {
        Self::new(RejectionKind::Own(reason))
    }

    /// A 401 has to carry a challenge (RFC 9110 §11.6.1).
    pub(super) fn challenging(self, challenge: HeaderValue) -> Self {
        Self { challenges: vec![challenge], ..self }
    }

    /// What a client is told that several guards have refused, of which one would have been enough: what the most telling
    /// of them says. A 401 has the challenges of all.
    pub(super) fn of_all(all: Vec<Self>) -> Self {
        let challenges: Vec<_> = all.iter().flat_map(|one| &one.challenges).cloned().collect();
        match all.into_iter().max_by_key(Self::weight) {
            Some(one) if one.status() == StatusCode::UNAUTHORIZED => Self { challenges, ..one },
            Some(one) => one,
            None => Self::forbidden("nobody_enters"),
        }
    }

    /// Whoever might have been let in is told so, and whoever can do something about it is told what.
    fn weight(&self) -> u8 {
        let is_missing =
            [RejectionKind::CredentialsMissing, RejectionKind::TokenMissing].contains(&self.kind);
        match self.status() {
            status if status.is_server_error() => 6,
            StatusCode::TOO_MANY_REQUESTS => 5,
            status if status.is_redirection() => 4,
            StatusCode::UNAUTHORIZED if !is_missing => 3,
            StatusCode::UNAUTHORIZED => 2,
            _ if self.kind != RejectionKind::Address => 1,
            _ => 0,
        }
    }

    pub(super) fn after(self, wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..self }
    }

    pub(super) fn answered(kind: RejectionKind, answer: Response<Bytes>) -> Self {
        Self { answer: Some(Arc::new(answer)), ..Self::new(kind) }
    }

    /// The kind of this rejection.
    #[must_use]
    pub fn kind(&self) -> RejectionKind {
        self.kind
    }

    /// The status that the client gets.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.answer.as_ref().map_or(self.kind.status(), |answer| answer.status())
    }

    pub(super) fn into_response(self) -> Response<Bytes> {
        let mut response = match &self.answer {
            Some(answer) => Response::clone(answer),
            None => self.own_answer(),
        };
        for challenge in &self.challenges {
            response.headers_mut().append(WWW_AUTHENTICATE, challenge.clone());
        }
        response.extensions_mut().insert(Reason(self.kind.name()));
        response.extensions_mut().insert(self);
        response
    }

    fn own_answer(&self) -> Response<Bytes> {
        let status = self.kind.status();
        let mut response = Response::new(Bytes::from_static(text(status).as_bytes()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(wait) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
        response
    }
}

fn text(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "Unauthorized\n",
        StatusCode::TOO_MANY_REQUESTS => "Too Many Requests\n",
        StatusCode::SERVICE_UNAVAILABLE => "Service Unavailable\n",
        _ => "Forbidden\n",
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl Error for Rejection {}
