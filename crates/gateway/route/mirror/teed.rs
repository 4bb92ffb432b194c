//! A request's body whose bytes are kept for a copy as they are read.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::Body;
use axum::http::{Request, Response};
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tower::Service;

use super::options::Mirrored;
use super::shadow::Shadow;

/// Passes the body on unchanged, and sends the copy when it has been read to its end.
pub(super) struct Teed<T> {
    body: Body,
    /// `None` once the copy is sent or given up.
    copy: Option<Copy<T>>,
}

struct Copy<T> {
    request: Request<Body>,
    bytes: Vec<u8>,
    shadow: Shadow<T>,
}

/// Nothing in it is pinned.
impl<T> Unpin for Teed<T> {}

impl<T> Teed<T> {
    pub(super) fn new(body: Body, request: Request<Body>, shadow: Shadow<T>) -> Self {
        Self { body, copy: Some(Copy { request, bytes: Vec::new(), shadow }) }
    }

    fn give_up(&mut self, why: Mirrored) {
        if let Some(copy) = self.copy.take() {
            copy.shadow.count(why);
        }
    }

    fn keep(&mut self, data: &Bytes) {
        let Some(copy) = &mut self.copy else { return };
        if copy.bytes.len() + data.len() > copy.shadow.options().max_body {
            self.give_up(Mirrored::TooLong);
        } else {
            copy.bytes.extend_from_slice(data);
        }
    }
}

impl<T, R> Teed<T>
where
    T: Service<Request<Body>, Response = Response<R>, Error: Send, Future: Send>,
    T: Clone + Send + Sync + 'static,
    R: HttpBody<Data: Send, Error: Send> + Send + 'static,
{
    fn send(&mut self) {
        if let Some(Copy { request, bytes, shadow }) = self.copy.take() {
            shadow.send(request.map(|_| Body::from(bytes)));
        }
    }
}

impl<T, R> HttpBody for Teed<T>
where
    T: Service<Request<Body>, Response = Response<R>, Error: Send, Future: Send>,
    T: Clone + Send + Sync + 'static,
    R: HttpBody<Data: Send, Error: Send> + Send + 'static,
{
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    self.keep(data);
                }
                // Who reads a body may stop here, without asking for its end. So does who knows its length.
                let is_all = self.body.is_end_stream() || self.body.size_hint().exact() == Some(0);
                if frame.is_trailers() || is_all {
                    self.send();
                }
            }
            Some(Err(_)) => self.give_up(Mirrored::Unread),
            None => self.send(),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<T> Drop for Teed<T> {
    fn drop(&mut self) {
        self.give_up(Mirrored::Unread);
    }
}
