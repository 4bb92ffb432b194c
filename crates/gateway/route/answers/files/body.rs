//! A file's body, which is as long as it was said to be.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::BoxError;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

pin_project! {
    /// A body of a known length. If the file has grown since, the rest isn't sent; if it has shrunk, the body breaks off.
    #[derive(Debug)]
    pub(super) struct OfLength<B> {
        #[pin]
        inner: B,
        left: u64,
    }
}

impl<B> OfLength<B> {
    pub(super) fn new(inner: B, length: u64) -> Self {
        Self { inner, left: length }
    }
}

impl<B> Body for OfLength<B>
where
    B: Body<Data = Bytes, Error: Into<BoxError>>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.project();
        if *this.left == 0 {
            return Poll::Ready(None);
        }
        let Some(frame) = ready!(this.inner.poll_frame(cx)) else {
            let shrunk = io::Error::new(io::ErrorKind::UnexpectedEof, "the file is shorter than it was");
            return Poll::Ready(Some(Err(shrunk.into())));
        };
        Poll::Ready(Some(match frame.map_err(Into::into)?.into_data() {
            Ok(mut data) => {
                data.truncate(usize::try_from(*this.left).unwrap_or(usize::MAX));
                *this.left -= data.len() as u64;
                Ok(Frame::data(data))
            }
            Err(other) => Ok(other),
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use axum::body;

    use super::*;

    #[tokio::test]
    async fn a_file_that_changes_is_never_longer_and_never_looks_whole() {
        let of = |length| body::Body::new(OfLength::new(body::Body::from("0123456789"), length));
        for (length, read) in [(0, Some("")), (4, Some("0123")), (10, Some("0123456789")), (11, None)] {
            let body = of(length);
            assert_eq!(body.size_hint().exact(), Some(length));
            let found = body::to_bytes(body, 99).await.ok();
            assert_eq!(found.as_deref(), read.map(str::as_bytes), "{length}");
        }
    }
}
