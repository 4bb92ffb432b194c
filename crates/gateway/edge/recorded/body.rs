use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::BoxError;
use bytes::Buf;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::observe::Record;

pin_project! {
    /// A response body that ends the request's record when it ends. The default is an empty body without a record.
    #[derive(Debug)]
    pub(crate) struct RecordBody<B>
    where
        B: Body,
    {
        #[pin]
        inner: Option<B>,
        record: Option<Record>,
    }

    impl<B: Body> PinnedDrop for RecordBody<B> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if let Some(record) = this.record.take() {
                let is_over = this.inner.as_ref().as_pin_ref().is_none_or(|body| has_come(&*body));
                if is_over { record.complete() } else { record.client_left() }
            }
        }
    }
}

/// Whether a body has come whole. With as many bytes as were announced it has, even if its end, which HTTP/2 marks
/// separately, wasn't asked for.
fn has_come(body: &impl Body) -> bool {
    body.is_end_stream() || body.size_hint().exact() == Some(0)
}

impl<B: Body> RecordBody<B> {
    pub(super) fn new(inner: B, record: Option<Record>) -> Self {
        Self { inner: Some(inner), record }
    }
}

impl<B: Body> Default for RecordBody<B> {
    fn default() -> Self {
        Self { inner: None, record: None }
    }
}

impl<B> Body for RecordBody<B>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    type Data = B::Data;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, BoxError>>> {
        let this = self.project();
        let Some(inner) = this.inner.as_pin_mut() else { return Poll::Ready(None) };
        let frame = ready!(Record::around(this.record.as_ref(), || inner.poll_frame(cx)));
        Poll::Ready(match frame {
            Some(Ok(frame)) => {
                if let (Some(record), Some(data)) = (&*this.record, frame.data_ref()) {
                    record.count_out(data.remaining());
                } else if frame.is_trailers()
                    && let Some(record) = this.record.take()
                {
                    // Trailers are the last frame, and the server may not poll again after them.
                    record.complete();
                }
                Some(Ok(frame))
            }
            Some(Err(error)) => {
                let error = error.into();
                if let Some(record) = this.record.take() {
                    record.broken(&*error);
                }
                Some(Err(error))
            }
            None => {
                if let Some(record) = this.record.take() {
                    record.complete();
                }
                None
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}
