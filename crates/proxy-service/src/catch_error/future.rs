use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use pin_project_lite::pin_project;

use super::asked::Asked;
use super::body::CatchErrorBody;
use super::respond::Respond;
use crate::error::BoxError;

pin_project! {
    /// The future of a [`CatchError`](super::CatchError) call.
    #[must_use = "futures do nothing unless polled"]
    pub struct CatchErrorFuture<F> {
        #[pin]
        inner: Option<F>,
        unready: Option<BoxError>,
        asked: Asked,
        respond: Respond,
    }
}

impl<F> CatchErrorFuture<F> {
    pub(super) fn called(inner: F, asked: Asked, respond: Respond) -> Self {
        Self { inner: Some(inner), unready: None, asked, respond }
    }

    pub(super) fn unready(error: BoxError, asked: Asked, respond: Respond) -> Self {
        Self { inner: None, unready: Some(error), asked, respond }
    }
}

impl<F, R, E> Future for CatchErrorFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    E: Into<BoxError>,
{
    type Output = Result<Response<CatchErrorBody<R>>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let answer = match this.inner.as_pin_mut() {
            Some(inner) => ready!(inner.poll(cx)).map_err(Into::into),
            None => Err(this.unready.take().expect("a future isn't polled after it is done")),
        };
        Poll::Ready(Ok(match answer {
            Ok(response) => response.map(CatchErrorBody::inner),
            Err(error) => this.respond.to(&*error, *this.asked),
        }))
    }
}

impl<F> fmt::Debug for CatchErrorFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CatchErrorFuture").field("asked", &self.asked).finish_non_exhaustive()
    }
}
