//! The upstream's body on its way to the client.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::sync::mpsc;

use crate::error::{BoxError, ErrorKind, ProxyError, Stage};
use crate::headers::trailers;
use crate::idle::Idle;
use crate::upload::{Upload, Word};

pin_project! {
    /// The upstream's body, passed on frame by frame: cleaned trailers included, broken off when it stalls.
    ///
    /// An error here means that the message is incomplete; a server then aborts the connection or resets the stream, so
    /// that no client takes half an answer for a whole one.
    #[derive(Debug)]
    pub struct ProxyBody<B> {
        #[pin]
        inner: B,
        idle: Idle,
        upload: UploadGuard,
    }
}

/// Ends an upload that outlives the answer; one still held back ends when `_held` is dropped.
#[derive(Debug)]
pub(crate) struct UploadGuard {
    upload: Option<Upload>,
    _held: Option<mpsc::Sender<Word>>,
}

impl UploadGuard {
    pub(crate) fn new(upload: Option<Upload>, held: Option<mpsc::Sender<Word>>) -> Self {
        Self { upload, _held: held }
    }
}

impl Drop for UploadGuard {
    fn drop(&mut self) {
        if let Some(upload) = &self.upload {
            upload.abandon();
        }
    }
}

impl<B> ProxyBody<B> {
    pub(crate) fn new(inner: B, idle: Duration, upload: UploadGuard) -> Self {
        Self { inner, idle: Idle::new(idle), upload }
    }
}

impl<B> Body for ProxyBody<B>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    type Data = B::Data;
    type Error = ProxyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, ProxyError>>> {
        let this = self.project();
        let incomplete = || ProxyError::new(ErrorKind::HttpResponseIncomplete, Stage::ResponseBody);
        match this.inner.poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                this.idle.note_progress();
                Poll::Ready(Some(Ok(trailers::cleaned(frame))))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(incomplete().because(error)))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => {
                let stalled =
                    || incomplete().because("the upstream's body stalled for longer than body_idle");
                this.idle.poll_too_long(cx).map(|()| Some(Err(stalled())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
