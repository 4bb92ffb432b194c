//! `respond`: the same answer to every request.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Request, Response};
use tower::Service;

use super::errors::Meant;
use crate::config::Respond;

/// Answers every request in the same way.
///
/// ```
/// use axum::http::{Request, StatusCode};
/// use gateway::config::Respond;
/// use gateway::route::answers::RespondService;
/// use tower::ServiceExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let gone = RespondService::new(Respond::new(StatusCode::GONE));
/// let answer = gone.oneshot(Request::new(axum::body::Body::empty())).await.unwrap();
/// assert_eq!(answer.status(), 410);
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RespondService {
    answer: Arc<Respond>,
}

impl RespondService {
    /// Answers so.
    pub fn new(answer: Respond) -> Self {
        Self { answer: Arc::new(answer) }
    }

    fn answer(&self) -> Response<Body> {
        let Respond { status, content, headers } = &*self.answer;
        let mut response = Response::new(Body::empty());
        *response.status_mut() = *status;
        response.headers_mut().clone_from(headers);
        if let Some(content) = content {
            response.headers_mut().insert(CONTENT_TYPE, content.media_type.clone());
            *response.body_mut() = Body::from(content.bytes.clone());
            response.extensions_mut().insert(Meant);
        }
        response
    }
}

impl<B> Service<Request<B>> for RespondService {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<B>) -> Self::Future {
        ready(Ok(self.answer()))
    }
}
