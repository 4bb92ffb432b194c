//! An upstream in memory: it takes down what is sent to it, and answers 200.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes, BytesMut};
use h2::RecvStream;
use http::{Request, Response};
use proxy_service::{ByteStream, Protocols, Target};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio::sync::mpsc::Sender;

use crate::config;
use crate::live::Connect;

/// What an upstream got.
#[derive(Debug)]
pub(super) struct Got {
    /// The name of its pool.
    pub(super) pool: String,
    pub(super) target: Target,
    pub(super) protocol: &'static str,
    pub(super) bytes: Bytes,
}

/// Connects to such upstreams, each of which says what it got.
pub(super) fn connect(got: Sender<Got>) -> Arc<Connect> {
    Arc::new(move |pool: &config::Pool, target: &Target| {
        let end = End { pool: pool.name.clone(), target: target.clone(), got: got.clone() };
        let stream: Box<dyn ByteStream> = match pool.protocols {
            Protocols::Http1 | Protocols::Auto => Box::new(Http1::new(end)),
            Protocols::Http2 => Box::new(http2(end)),
        };
        stream
    })
}

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

/// The other end of a connection.
#[derive(Clone)]
struct End {
    pool: String,
    target: Target,
    got: Sender<Got>,
}

impl End {
    fn tell(&self, protocol: &'static str, bytes: Bytes) {
        let got = Got { pool: self.pool.clone(), target: self.target.clone(), protocol, bytes };
        let _nobody_asks_any_more = self.got.try_send(got);
    }
}

/// A connection in HTTP/1.1. A request is complete when its answer is waited for, since writing never has to wait.
struct Http1 {
    end: End,
    written: BytesMut,
    answer: &'static [u8],
}

impl Http1 {
    fn new(end: End) -> Self {
        Self { end, written: BytesMut::new(), answer: b"" }
    }
}

impl AsyncWrite for Http1 {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.written.extend_from_slice(buf);
        self.answer = ANSWER;
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Http1 {
    /// Without a request it is silent for ever.
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.answer.is_empty() {
            return Poll::Pending;
        }
        if !self.written.is_empty() {
            let bytes = self.written.split().freeze();
            self.end.tell("HTTP/1.1", bytes);
        }
        let length = self.answer.len().min(buf.remaining());
        self.answer.copy_to_slice(buf.initialize_unfilled_to(length));
        buf.advance(length);
        Poll::Ready(Ok(()))
    }
}

/// A connection in HTTP/2, with an upstream at its other end.
fn http2(end: End) -> DuplexStream {
    const BUFFER: usize = 64 << 10;
    let (gateways, upstreams) = tokio::io::duplex(BUFFER);
    tokio::spawn(async move {
        let _the_connection_ends_with_an_error = serve(upstreams, end).await;
    });
    gateways
}

async fn serve(stream: DuplexStream, end: End) -> Result<(), h2::Error> {
    let mut connection = h2::server::handshake(stream).await?;
    while let Some(accepted) = connection.accept().await {
        let (request, mut answer) = accepted?;
        let end = end.clone();
        tokio::spawn(async move {
            if let Ok(bytes) = shown(request).await {
                end.tell("HTTP/2", bytes);
            }
            let _the_client_may_be_gone = answer.send_response(Response::new(()), true);
        });
    }
    Ok(())
}

/// A request of HTTP/2 as text: its fields one a line, the pseudo-header fields first (RFC 9113 §8.3.1), and its body.
async fn shown(request: Request<RecvStream>) -> Result<Bytes, h2::Error> {
    let (head, mut body) = request.into_parts();
    let mut text = BytesMut::new();
    let mut line = |name: &str, value: &[u8]| {
        for part in [name.as_bytes(), b": ", value, b"\r\n"] {
            text.extend_from_slice(part);
        }
    };
    line(":method", head.method.as_str().as_bytes());
    line(":scheme", head.uri.scheme_str().unwrap_or_default().as_bytes());
    line(":authority", head.uri.authority().map_or("", |authority| authority.as_str()).as_bytes());
    line(":path", head.uri.path_and_query().map_or("", |path| path.as_str()).as_bytes());
    for (name, value) in &head.headers {
        line(name.as_str(), value.as_bytes());
    }
    text.extend_from_slice(b"\r\n");
    while let Some(piece) = body.data().await {
        let piece = piece?;
        body.flow_control().release_capacity(piece.len())?;
        text.extend_from_slice(&piece);
    }
    Ok(text.freeze())
}
