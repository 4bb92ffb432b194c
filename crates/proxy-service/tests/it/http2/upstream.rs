//! An upstream that leaves every answer to the test.

use std::net::SocketAddr;

use bytes::Bytes;
use h2::server::{Builder, SendResponse};
use http::{Request, Response};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use super::within;

/// A request that came over a connection, counted from 1.
pub(crate) struct Exchange {
    pub(crate) connection: usize,
    pub(crate) request: Request<h2::RecvStream>,
    pub(crate) respond: SendResponse<Bytes>,
}

impl Exchange {
    pub(crate) fn answer(mut self, text: &'static str) {
        let mut body = self.respond.send_response(Response::new(()), false).unwrap();
        body.send_data(Bytes::from_static(text.as_bytes()), true).unwrap();
    }
}

pub(crate) struct Upstream {
    pub(crate) addr: SocketAddr,
    exchanges: mpsc::UnboundedReceiver<Exchange>,
    ends: mpsc::UnboundedReceiver<usize>,
}

impl Upstream {
    pub(crate) async fn start(settings: Builder) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (seen, exchanges) = mpsc::unbounded_channel();
        let (ended, ends) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            for connection in 1.. {
                let (stream, _) = listener.accept().await.unwrap();
                let (settings, seen, ended) = (settings.clone(), seen.clone(), ended.clone());
                tokio::spawn(async move {
                    serve(stream, settings, connection, seen).await;
                    ended.send(connection)
                });
            }
        });
        Self { addr, exchanges, ends }
    }

    /// An upstream that allows this number of streams at a time.
    pub(crate) async fn with_streams(streams: u32) -> Self {
        let mut settings = Builder::new();
        settings.max_concurrent_streams(streams);
        Self::start(settings).await
    }

    pub(crate) fn target(&self) -> String {
        format!("http://{}", self.addr)
    }

    pub(crate) async fn next(&mut self) -> Exchange {
        within("a request", self.exchanges.recv()).await.unwrap()
    }

    pub(crate) async fn take(&mut self, count: usize) -> Vec<Exchange> {
        let mut taken = Vec::new();
        while taken.len() < count {
            taken.push(self.next().await);
        }
        taken
    }

    /// Asserts that nothing has come that the test has not taken.
    pub(crate) fn assert_no_more(&mut self) {
        assert!(self.exchanges.try_recv().is_err());
    }

    /// Waits for a connection to close, and says which.
    pub(crate) async fn end(&mut self) -> usize {
        within("a connection to close", self.ends.recv()).await.unwrap()
    }

    pub(crate) fn is_open(&mut self) -> bool {
        self.ends.try_recv().is_err()
    }
}

pub(crate) async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    settings: Builder,
    connection: usize,
    seen: mpsc::UnboundedSender<Exchange>,
) {
    let Ok(mut streams) = settings.handshake::<_, Bytes>(stream).await else { return };
    while let Some(Ok((request, respond))) = streams.accept().await {
        let _the_test_may_be_over = seen.send(Exchange { connection, request, respond });
    }
}

/// An upstream that sends bare frames.
pub(crate) struct Bare {
    listener: TcpListener,
}

impl Bare {
    pub(crate) const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
    /// GOAWAY: no stream was processed, no error.
    pub(crate) const GOAWAY_0: &[u8] = &[0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    /// Stream 1 is refused.
    pub(crate) const REFUSED_1: &[u8] = &[0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 7];
    /// Stream 1 has an internal error.
    pub(crate) const INTERNAL_ERROR_1: &[u8] = &[0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 2];
    /// Stream 1 must be sent in HTTP/1.1.
    pub(crate) const WANTS_HTTP1_1: &[u8] = &[0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 13];
    /// No stream was processed, because all must be sent in HTTP/1.1.
    pub(crate) const WANTS_HTTP1_ALL: &[u8] = &[0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 13];
    /// `:status: 204` on stream 1, and its end.
    pub(crate) const NO_CONTENT_1: &[u8] = &[0, 0, 1, 1, 5, 0, 0, 0, 1, 0x89];
    /// The same on stream 3.
    pub(crate) const NO_CONTENT_3: &[u8] = &[0, 0, 1, 1, 5, 0, 0, 0, 3, 0x89];

    pub(crate) async fn start() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.unwrap() }
    }

    pub(crate) fn target(&self) -> String {
        format!("http://{}", self.listener.local_addr().unwrap())
    }

    /// The next connection.
    pub(crate) async fn accept(&self) -> TcpStream {
        within("a connection", self.listener.accept()).await.unwrap().0
    }

    /// The next connection, settings sent, and read up to a request's head.
    pub(crate) async fn accept_request(&self) -> TcpStream {
        let mut stream = self.accept().await;
        read_first_head(&mut stream).await;
        stream
    }
}

/// Sends settings, and reads up to a request's head.
pub(crate) async fn read_first_head(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) {
    stream.write_all(Bare::SETTINGS).await.unwrap();
    within("the preface", stream.read_exact(&mut [0; 24])).await.unwrap();
    read_head(stream).await;
}

/// A frame as it came.
pub(crate) struct BareFrame {
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) payload: Vec<u8>,
}

pub(crate) async fn read_frame(stream: &mut (impl AsyncRead + Unpin)) -> BareFrame {
    let mut head = [0; 9];
    within("a frame", stream.read_exact(&mut head)).await.unwrap();
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
    let mut payload = vec![0; length as usize];
    within("a payload", stream.read_exact(&mut payload)).await.unwrap();
    BareFrame { kind: head[3], flags: head[4], payload }
}

/// Reads frames up to the next HEADERS.
pub(crate) async fn read_head(stream: &mut (impl AsyncRead + Unpin)) {
    while read_frame(stream).await.kind != 1 {}
}
