use std::pin::Pin;
use std::task::{Context, Poll};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

pin_project! {
    /// The response body of [`AdminAuth`](crate::AdminAuth): that of the inner service, or one line of text if the
    /// request was refused.
    #[derive(Debug)]
    pub struct AdminAuthBody<B> {
        #[pin]
        kind: Kind<B>,
    }
}

pin_project! {
    #[project = KindProj]
    #[derive(Debug)]
    enum Kind<B> {
        Refusal {
            unsent: Option<&'static str>,
        },
        Inner {
            #[pin]
            body: B,
        },
    }
}

impl<B> AdminAuthBody<B> {
    pub(crate) fn inner(body: B) -> Self {
        Self { kind: Kind::Inner { body } }
    }

    pub(crate) fn refusal(text: &'static str) -> Self {
        Self { kind: Kind::Refusal { unsent: Some(text) } }
    }
}

impl<B> Body for AdminAuthBody<B>
where
    B: Body,
    B::Data: From<&'static [u8]>,
{
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        match self.project().kind.project() {
            KindProj::Refusal { unsent } => {
                Poll::Ready(unsent.take().map(|text| Ok(Frame::data(text.as_bytes().into()))))
            }
            KindProj::Inner { body } => body.poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Refusal { unsent } => unsent.is_none(),
            Kind::Inner { body } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Refusal { unsent } => SizeHint::with_exact(unsent.map_or(0, |text| text.len() as u64)),
            Kind::Inner { body } => body.size_hint(),
        }
    }
}
