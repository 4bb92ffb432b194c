use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

pin_project! {
    /// The response body of [`Guarded`](super::Guarded): that of the inner service, or what a refused client is told.
    #[derive(Debug)]
    pub struct EntryBody<B> {
        #[pin]
        kind: Kind<B>,
    }
}

pin_project! {
    #[project = KindProj]
    #[derive(Debug)]
    enum Kind<B> {
        Refusal {
            unsent: Bytes,
        },
        Inner {
            #[pin]
            body: B,
        },
    }
}

impl<B> EntryBody<B> {
    pub(super) fn inner(body: B) -> Self {
        Self { kind: Kind::Inner { body } }
    }

    pub(super) fn refusal(text: Bytes) -> Self {
        Self { kind: Kind::Refusal { unsent: text } }
    }
}

impl<B: Body<Data = Bytes>> Body for EntryBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match self.project().kind.project() {
            KindProj::Refusal { unsent } if unsent.is_empty() => Poll::Ready(None),
            KindProj::Refusal { unsent } => Poll::Ready(Some(Ok(Frame::data(std::mem::take(unsent))))),
            KindProj::Inner { body } => body.poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Refusal { unsent } => unsent.is_empty(),
            Kind::Inner { body } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Refusal { unsent } => SizeHint::with_exact(unsent.len() as u64),
            Kind::Inner { body } => body.size_hint(),
        }
    }
}
