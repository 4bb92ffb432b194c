use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::http::Response;
use axum::http::header::SET_COOKIE;
use axum::http::uri::Scheme;
use balance::Picked;
use pin_project_lite::pin_project;

use super::cookie::Cookie;

pin_project! {
    /// Adds `Set-Cookie` to the response if its endpoint isn't the one that the request's cookie names.
    pub(crate) struct StickyFuture<F> {
        #[pin]
        inner: F,
        asked: Asked,
    }
}

/// What is known of the request.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) cookie: Arc<Cookie>,
    /// The endpoint that its cookie names.
    pub(super) named: Option<u64>,
    pub(super) scheme: Scheme,
}

impl<F> StickyFuture<F> {
    pub(super) fn new(inner: F, asked: Asked) -> Self {
        Self { inner, asked }
    }
}

impl<F, B, E> Future for StickyFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let mut response = ready!(this.inner.poll(cx))?;
        let answered = response.extensions().get::<Picked>().map(|picked| picked.id);
        let Asked { cookie, named, scheme } = this.asked;
        if answered != *named
            && let Some(id) = answered
        {
            response.headers_mut().append(SET_COOKIE, cookie.line(id, scheme));
        }
        Poll::Ready(Ok(response))
    }
}
