//! The future of a service whose errors are given pages.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::{Body, to_bytes};
use axum::http::Response;
use pin_project_lite::pin_project;

use super::concerned::{Asked, Instead, replaced};
use crate::config::{Content, Errors};

/// The most that is read of an upstream's body that nobody will see. A connection with more to come is closed.
const MOST_READ: usize = 64 << 10;

type Replacing = Pin<Box<dyn Future<Output = Response<Body>> + Send>>;

pin_project! {
    /// The future of a [`WithErrors`](super::WithErrors) call.
    #[must_use = "futures do nothing unless polled"]
    pub struct ErrorsFuture<F> {
        #[pin]
        inner: F,
        asked: Asked,
        errors: Arc<Errors>,
        replacing: Option<Replacing>,
    }
}

impl<F> ErrorsFuture<F> {
    pub(super) fn new(inner: F, asked: Asked, errors: Arc<Errors>) -> Self {
        Self { inner, asked, errors, replacing: None }
    }
}

impl<F, E> Future for ErrorsFuture<F>
where
    F: Future<Output = Result<Response<Body>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if this.replacing.is_none() {
            let response = ready!(this.inner.poll(cx))?;
            match this.asked.instead(&response, this.errors) {
                Instead::Nothing => return Poll::Ready(Ok(response)),
                Instead::Now(content) => {
                    return Poll::Ready(Ok(replaced(response, content, this.errors)));
                }
                Instead::OfUpstream(content) => {
                    *this.replacing =
                        Some(Box::pin(after_its_own(response, content, Arc::clone(this.errors))));
                }
            }
        }
        let replacing = this.replacing.as_mut().expect("it was put there above, or at an earlier poll");
        replacing.as_mut().poll(cx).map(Ok)
    }
}

/// Reads an upstream's body to its end, so that the upstream is judged and its connection used again, and replaces it.
async fn after_its_own(response: Response<Body>, content: Content, errors: Arc<Errors>) -> Response<Body> {
    let (head, body) = response.into_parts();
    // Whether it came whole or broke off: nobody will see it.
    let _unseen = to_bytes(body, MOST_READ).await;
    replaced(Response::from_parts(head, ()), content, &errors)
}

impl<F> fmt::Debug for ErrorsFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ErrorsFuture").field("asked", &self.asked).finish_non_exhaustive()
    }
}
