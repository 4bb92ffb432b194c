use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

pin_project! {
    /// The response body of a [`CatchError`](super::CatchError): the inner service's, or the line of text that
    /// answers an error.
    #[derive(Debug)]
    pub struct CatchErrorBody<B> {
        #[pin]
        kind: Kind<B>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = KindProjection]
    enum Kind<B> {
        Inner { #[pin] body: B },
        Line { line: Option<Bytes> },
    }
}

impl<B> CatchErrorBody<B> {
    pub(super) fn inner(body: B) -> Self {
        Self { kind: Kind::Inner { body } }
    }
}

impl<B> Default for CatchErrorBody<B> {
    /// Makes an empty body.
    fn default() -> Self {
        Self::from(Bytes::new())
    }
}

impl<B> From<Bytes> for CatchErrorBody<B> {
    fn from(line: Bytes) -> Self {
        Self { kind: Kind::Line { line: Some(line).filter(|line| !line.is_empty()) } }
    }
}

impl<B: Body<Data = Bytes>> Body for CatchErrorBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match self.project().kind.project() {
            KindProjection::Inner { body } => body.poll_frame(cx),
            KindProjection::Line { line } => Poll::Ready(line.take().map(|line| Ok(Frame::data(line)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Inner { body } => body.is_end_stream(),
            Kind::Line { line } => line.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Inner { body } => body.size_hint(),
            Kind::Line { line } => SizeHint::with_exact(line.as_ref().map_or(0, |line| line.len() as u64)),
        }
    }
}
