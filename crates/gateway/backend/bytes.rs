//! `/bytes/N`: a body of `N` bytes, all from one static block.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use http_body::{Frame, SizeHint};

/// The pattern repeats after this many bytes. It is a prime, and no buffer on the way has a multiple of it as its size,
/// so lost, repeated or swapped buffers are visible in the bytes.
const PERIOD: usize = 251;
static BLOCK: [u8; PERIOD * 256] = block();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which would not compile a panic")]
const fn block() -> [u8; PERIOD * 256] {
    let mut block = [0; PERIOD * 256];
    let mut at = 0;
    while at < block.len() {
        block[at] = (at % PERIOD) as u8;
        at += 1;
    }
    block
}

pub(super) async fn answer(Path(count): Path<String>) -> Response {
    match count.parse() {
        Ok(left) => {
            ([(CONTENT_TYPE, "application/octet-stream")], Body::new(Pattern { left })).into_response()
        }
        Err(_) => (StatusCode::BAD_REQUEST, "/bytes/N wants a number of bytes\n").into_response(),
    }
}

struct Pattern {
    left: u64,
}

impl http_body::Body for Pattern {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let mut block = Bytes::from_static(&BLOCK);
        block.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
        self.left -= block.len() as u64;
        Poll::Ready(Some(Ok(Frame::data(block))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
