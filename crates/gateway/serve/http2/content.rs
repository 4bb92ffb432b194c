//! The content of a request, as its stream receives it.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use h2::RecvStream;
use http::header::CONTENT_LENGTH;
use http::request::Parts;
use http_body::{Body, Frame, SizeHint};

/// A request's body. The client's window is opened by as much as is read.
#[derive(Debug)]
pub(super) struct Content {
    stream: RecvStream,
    /// How many bytes are left, if the head told. h2 checks that they come.
    left: Option<u64>,
    is_all_data: bool,
}

impl Content {
    pub(super) fn new(stream: RecvStream, head: &Parts) -> Self {
        let said = head.headers.get(CONTENT_LENGTH);
        let said = said.and_then(|length| length.to_str().ok()?.parse().ok());
        let left = said.or(stream.is_end_stream().then_some(0));
        Self { stream, left, is_all_data: false }
    }

    pub(super) fn into_stream(self) -> RecvStream {
        self.stream
    }

    fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, h2::Error>>> {
        if self.is_all_data {
            return Poll::Ready(None);
        }
        let data = ready!(self.stream.poll_data(cx));
        match &data {
            Some(Ok(data)) => {
                // This fails only if the stream is gone, which the next poll reports.
                let _ = self.stream.flow_control().release_capacity(data.len());
                self.left = self.left.map(|left| left.saturating_sub(data.len() as u64));
            }
            Some(Err(_)) => {}
            None => self.is_all_data = true,
        }
        Poll::Ready(data)
    }
}

impl Body for Content {
    type Data = Bytes;
    type Error = h2::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, h2::Error>>> {
        if let Some(data) = ready!(self.poll_data(cx)) {
            return Poll::Ready(Some(data.map(Frame::data)));
        }
        self.stream
            .poll_trailers(cx)
            .map(|trailers| trailers.transpose().map(|trailers| trailers.map(Frame::trailers)))
    }

    fn is_end_stream(&self) -> bool {
        self.stream.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
