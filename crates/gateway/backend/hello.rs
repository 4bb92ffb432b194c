//! Every other path: answers with a description of the request.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use http::Request;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http_body::{Frame, SizeHint};

/// How many bytes of a request's body are sent back. The rest is read and counted.
pub(super) const ECHOED: u64 = 1 << 20;

pub(super) async fn answer(port: u16, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let hello = Hello { description: Some(describe(port, &parts)), body, left: ECHOED, swallowed: 0 };
    ([(CONTENT_TYPE, "text/plain; charset=utf-8")], Body::new(hello)).into_response()
}

/// The description of a request: its request line and one `name: value` line for each header, then an empty line.
/// Header values have the bytes that were received.
fn describe(port: u16, request: &Parts) -> Bytes {
    let mut text = format!("hello from upstream {port}\n\nmethod: {}\n", request.method);
    if let Some(authority) = request.uri.authority() {
        text += &format!("authority: {authority}\n");
    }
    let path = request.uri.path_and_query().map_or("", |path| path.as_str());
    text += &format!("path: {path}\nversion: {:?}\n\n", request.version);

    let mut text = text.into_bytes();
    for (name, value) in &request.headers {
        text.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\n"].concat());
    }
    text.push(b'\n');
    text.into()
}

/// A body with the description, then the beginning of the request's body, then the number of bytes that were left out.
struct Hello {
    description: Option<Bytes>,
    body: Body,
    /// How many bytes of the request's body may still be sent back.
    left: u64,
    /// How many bytes of the request's body were left out.
    swallowed: u64,
}

impl Hello {
    /// The part of `data` that is sent back.
    fn echoed(&mut self, mut data: Bytes) -> Bytes {
        let whole = data.len() as u64;
        data.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
        self.left -= data.len() as u64;
        self.swallowed += whole - data.len() as u64;
        data
    }

    /// The last line, if bytes were left out. It is returned only once.
    fn last_line(&mut self) -> Option<Bytes> {
        let more = std::mem::take(&mut self.swallowed);
        (more > 0).then(|| format!("\n... and {more} more bytes\n").into())
    }
}

impl http_body::Body for Hello {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Some(description) = self.description.take() {
            return Poll::Ready(Some(Ok(Frame::data(description))));
        }
        loop {
            let piece = match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.echoed(data),
                    Err(_trailers) => continue,
                },
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(self.last_line().map(|last| Ok(Frame::data(last)))),
            };
            if !piece.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(piece))));
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        let description = self.description.as_ref().map_or(0, Bytes::len) as u64;
        match self.body.size_hint().exact() {
            Some(body) if body <= self.left && self.swallowed == 0 => {
                SizeHint::with_exact(description + body)
            }
            _ => SizeHint::new(),
        }
    }
}
