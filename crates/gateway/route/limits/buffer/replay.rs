//! Bodies that begin with what was read before.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use http_body::{Frame, SizeHint};

/// A request's body that is in memory as a whole, so that it can be sent more than once: a request extension.
///
/// It is there only if [`BufferLayer`](super::BufferLayer) has read all of the body. Clones share the memory, which is
/// given back with the last of them.
#[derive(Clone, Debug)]
pub struct Replay {
    content: Bytes,
    trailers: Option<HeaderMap>,
}

impl Replay {
    pub(super) fn new(content: Bytes, trailers: Option<HeaderMap>) -> Self {
        Self { content, trailers }
    }

    /// The body, once more from its beginning.
    pub fn body(&self) -> Body {
        match &self.trailers {
            None => Body::from(self.content.clone()),
            Some(trailers) => Body::new(WithTrailers {
                content: Some(self.content.clone()).filter(|content| !content.is_empty()),
                trailers: Some(trailers.clone()),
            }),
        }
    }
}

/// A body that begins with these bytes.
pub(super) fn after(beginning: Bytes, rest: Body) -> Body {
    if beginning.is_empty() { rest } else { Body::new(Resumed { beginning: Some(beginning), rest }) }
}

/// A body in memory that has trailers. It doesn't say how long it is: over HTTP/1, only a chunked body has trailers.
struct WithTrailers {
    content: Option<Bytes>,
    trailers: Option<HeaderMap>,
}

impl http_body::Body for WithTrailers {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let content = self.content.take().map(Frame::data);
        let frame = content.or_else(|| self.trailers.take().map(Frame::trailers));
        Poll::Ready(frame.map(Ok))
    }

    fn is_end_stream(&self) -> bool {
        self.content.is_none() && self.trailers.is_none()
    }
}

/// A body of which the beginning was read.
struct Resumed {
    beginning: Option<Bytes>,
    rest: Body,
}

impl http_body::Body for Resumed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        match self.beginning.take() {
            Some(beginning) => Poll::Ready(Some(Ok(Frame::data(beginning)))),
            None => Pin::new(&mut self.rest).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.beginning.is_none() && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let more = self.beginning.as_ref().map_or(0, |beginning| beginning.len() as u64);
        let rest = self.rest.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower().saturating_add(more));
        if let Some(upper) = rest.upper().and_then(|upper| upper.checked_add(more)) {
            hint.set_upper(upper);
        }
        hint
    }
}
