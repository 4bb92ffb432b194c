//! A body that has a place among those that are compressed, until it is dropped.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::judged::Place;

pin_project! {
    /// A body that has a place among those that are compressed.
    #[derive(Debug)]
    pub(super) struct Placed<B> {
        #[pin]
        inner: B,
        place: Arc<Place>,
    }
}

impl<B> Placed<B> {
    pub(super) fn new(inner: B, place: Arc<Place>) -> Self {
        Self { inner, place }
    }
}

impl<B: Body> Body for Placed<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        self.project().inner.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
