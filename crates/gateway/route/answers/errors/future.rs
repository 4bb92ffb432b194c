//! The future of a service whose errors are given pages.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::BoxError;
use axum::body::{Body, to_bytes};
use axum::http::Response;
use bytes::Bytes;
use pin_project_lite::pin_project;
use tokio::time::timeout;

use super::concerned::{Asked, Instead, Meant, is_error};
use super::told::Told;
use crate::config::Errors;

/// The most that is read of an upstream's body that nobody will see. A connection with more to come is closed.
const MOST_READ: usize = 64 << 10;

/// How long the client waits for that.
const LONGEST_READ: Duration = Duration::from_secs(1);

type Replacing<B> = Pin<Box<dyn Future<Output = Response<B>> + Send>>;

pin_project! {
    /// The future of a [`WithErrors`](super::WithErrors) call.
    #[must_use = "futures do nothing unless polled"]
    pub struct ErrorsFuture<F, B> {
        #[pin]
        inner: F,
        asked: Asked,
        errors: Arc<Errors>,
        replacing: Option<Replacing<B>>,
    }
}

impl<F, B> ErrorsFuture<F, B> {
    pub(super) fn new(inner: F, asked: Asked, errors: Arc<Errors>) -> Self {
        Self { inner, asked, errors, replacing: None }
    }
}

impl<F, B, E> Future for ErrorsFuture<F, B>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + From<Bytes> + Send + 'static,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if this.replacing.is_none() {
            let response = ready!(this.inner.poll(cx))?;
            match this.asked.instead(&response, this.errors) {
                Instead::Nothing => return Poll::Ready(Ok(settled(response))),
                Instead::Now(told) => return Poll::Ready(Ok(settled(told.by(response)))),
                Instead::OfUpstream(told) => {
                    *this.replacing = Some(Box::pin(after_its_own(response, told)));
                }
            }
        }
        let replacing = this.replacing.as_mut().expect("it was put there above, or at an earlier poll");
        replacing.as_mut().poll(cx).map(Ok)
    }
}

/// Reads an upstream's body to its end, so that the upstream is judged and its connection used again, and replaces it.
async fn after_its_own<B>(response: Response<B>, told: Told) -> Response<B>
where
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + From<Bytes> + Send + 'static,
{
    let (head, body) = response.into_parts();
    // Whether it came whole, broke off or takes too long: nobody will see it.
    let _unseen = timeout(LONGEST_READ, to_bytes(Body::new(body), MOST_READ)).await;
    settled(told.by(Response::from_parts(head, B::from(Bytes::new()))))
}

/// What is said of an error here, no layer further out says again.
fn settled<B>(mut response: Response<B>) -> Response<B> {
    if is_error(response.status()) {
        response.extensions_mut().insert(Meant);
    }
    response
}

impl<F, B> fmt::Debug for ErrorsFuture<F, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ErrorsFuture").field("asked", &self.asked).finish_non_exhaustive()
    }
}
