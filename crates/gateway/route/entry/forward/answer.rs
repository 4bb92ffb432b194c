//! What a service says of a request.

use std::time::Duration;

use axum::BoxError;
use axum::body::{Body, to_bytes};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{Request, Response};
use bytes::Bytes;
use http::HeaderMap;
use proxy_service::{CatchErrorLayer, ErrorKind, ProxyError};
use tokio::time::timeout;
use tower::{Layer as _, ServiceExt as _, service_fn};

use crate::route::entry::asking::Asking;

/// The most that is read of the body of an answer, in bytes.
const LARGEST: usize = 64 << 10;

/// What a service says.
pub(super) enum Answer {
    /// The request may enter. These are the fields of the answer.
    Consent(HeaderMap),
    /// It may not. The client gets this.
    Refusal(Response<Bytes>),
    /// It has not answered. The client gets this.
    Failure(Response<Bytes>),
}

/// Asks a service.
pub(super) struct Ask {
    service: Asking,
    limit: Duration,
}

impl Ask {
    pub(super) fn new(service: Asking, limit: Duration) -> Self {
        Self { service, limit }
    }

    pub(super) async fn ask(&self, question: Request<Body>) -> Answer {
        let send = service_fn(|question| self.send(question));
        let Ok(answer) = CatchErrorLayer::new().layer(send).oneshot(question).await;
        let (mut head, body) = answer.into_parts();
        // What the gateway itself says of an error is short.
        let body = to_bytes(Body::new(body), LARGEST).await.unwrap_or_default();
        if head.extensions.get::<ErrorKind>().is_some() {
            return Answer::Failure(Response::from_parts(head, body));
        }
        if head.status.is_success() {
            return Answer::Consent(head.headers);
        }
        head.headers.remove(CONTENT_LENGTH);
        Answer::Refusal(Response::from_parts(head, body))
    }

    /// Reads an answer as a whole, within the time limit.
    async fn send(&self, question: Request<Body>) -> Result<Response<Body>, BoxError> {
        let answer = async {
            let answer = self.service.clone().oneshot(question).await?;
            let (head, body) = answer.into_parts();
            let body = match to_bytes(Body::new(body), LARGEST).await {
                Ok(body) => body,
                // Nobody reads it.
                Err(_) if head.status.is_success() => Bytes::new(),
                Err(error) => {
                    return Err(ProxyError::refused(ErrorKind::HttpResponseIncomplete, error).into());
                }
            };
            Ok(Response::from_parts(head, Body::from(body)))
        };
        let too_late = |late| ProxyError::refused(ErrorKind::HttpResponseTimeout, late);
        timeout(self.limit, answer).await.map_err(too_late)?
    }
}
