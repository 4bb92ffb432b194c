//! HTTP/2 without TLS, by prior knowledge: a well-behaved client on hyper, one on the `h2` crate that may do almost
//! anything, and bare frames for what `h2` refuses to send.

use std::error::Error;
use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use super::within;

/// The body that requests are sent with: any `http_body::Body` fits in by `.boxed_unsync()`.
pub type RequestBody = http_body_util::combinators::UnsyncBoxBody<Bytes, Box<dyn Error + Send + Sync>>;

pub struct H2Client {
    requests: http2::SendRequest<RequestBody>,
    connection: JoinHandle<hyper::Result<()>>,
}

/// A response read to its end.
#[derive(Debug)]
pub struct Collected {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    pub trailers: Option<HeaderMap>,
    /// `Ok` if the stream ended in an orderly way, else the reason of the reset.
    pub end: Result<(), Option<h2::Reason>>,
}

impl H2Client {
    pub async fn connect(addr: SocketAddr) -> Self {
        let stream = connect(addr).await;
        let handshake = http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
        let (requests, connection) = within("an HTTP/2 handshake", handshake).await.unwrap();
        Self { requests, connection: tokio::spawn(connection) }
    }

    /// Another handle to the same connection, which doesn't say how that ends.
    pub fn also(&self) -> Self {
        Self { requests: self.requests.clone(), connection: tokio::spawn(async { Ok(()) }) }
    }

    /// Sends a request and waits for the response's head.
    pub async fn send(&mut self, request: Request<RequestBody>) -> hyper::Result<Response<Incoming>> {
        within("an HTTP/2 response", self.requests.send_request(request)).await
    }

    /// GETs `http://test{path}` and reads the response to its end.
    pub async fn get(&mut self, path: &str) -> Collected {
        let request = Request::get(format!("http://test{path}")).body(empty()).unwrap();
        collect(self.send(request).await.unwrap()).await
    }

    /// Waits until the server ends the connection.
    pub async fn closed(mut self) -> hyper::Result<()> {
        within("the server to end the HTTP/2 connection", &mut self.connection).await.unwrap()
    }

    /// Closes the connection with a GOAWAY once every response has been read.
    pub async fn leave(self) -> hyper::Result<()> {
        drop(self.requests);
        within("the HTTP/2 connection's end", self.connection).await.unwrap()
    }
}

pub fn empty() -> RequestBody {
    full("")
}

pub fn full(bytes: impl Into<Bytes>) -> RequestBody {
    http_body_util::Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}

pub async fn collect(response: Response<Incoming>) -> Collected {
    let (parts, mut incoming) = response.into_parts();
    let (mut body, mut trailers, mut end) = (Vec::new(), None, Ok(()));
    while let Some(frame) = within("more of an HTTP/2 body", incoming.frame()).await {
        match frame.map(http_body::Frame::into_data) {
            Ok(Ok(data)) => body.extend_from_slice(&data),
            Ok(Err(other)) => trailers = other.into_trailers().ok(),
            // hyper's body repeats an error without end.
            Err(error) => {
                end = Err(reset_reason(&error));
                break;
            }
        }
    }
    Collected { status: parts.status, headers: parts.headers, body, trailers, end }
}

/// The reason code of the RST_STREAM or GOAWAY behind an error.
pub fn reset_reason(error: &(dyn Error + 'static)) -> Option<h2::Reason> {
    match error.downcast_ref::<h2::Error>() {
        Some(error) => error.reason(),
        None => error.source().and_then(reset_reason),
    }
}

/// The `h2` crate's own client, for streams left half open, resets and odd trailers.
pub async fn raw(addr: SocketAddr) -> (h2::client::SendRequest<Bytes>, JoinHandle<Result<(), h2::Error>>) {
    let handshake = h2::client::handshake(connect(addr).await);
    let (requests, connection) = within("an HTTP/2 handshake", handshake).await.unwrap();
    (requests, tokio::spawn(connection))
}

/// What an HTTP/2 client sends first (RFC 9113, 3.4), an empty SETTINGS frame to follow.
pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A frame of any type, for [`RawClient::send`](super::raw::RawClient::send).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub kind: u8,
    pub flags: u8,
    pub stream: u32,
    pub payload: Vec<u8>,
}

impl Frame {
    pub const DATA: u8 = 0;
    pub const HEADERS: u8 = 1;
    pub const RST_STREAM: u8 = 3;
    pub const SETTINGS: u8 = 4;
    pub const PING: u8 = 6;
    pub const GOAWAY: u8 = 7;

    /// A flag of DATA and HEADERS.
    pub const END_STREAM: u8 = 1;
    /// A flag of HEADERS.
    pub const END_HEADERS: u8 = 4;

    /// The bytes of a frame.
    pub fn bytes(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
        Self { kind, flags, stream, payload: payload.to_vec() }.encode()
    }

    /// RFC 9113, 4.1.
    ///
    /// # Panics
    /// If the payload is longer than 24 bits can say.
    pub fn encode(&self) -> Vec<u8> {
        let length = u32::try_from(self.payload.len()).unwrap().to_be_bytes();
        assert_eq!(length[0], 0, "a frame of {} bytes", self.payload.len());
        [&length[1..], &[self.kind, self.flags], &self.stream.to_be_bytes(), &self.payload].concat()
    }

    /// The next frame that `client` receives.
    pub async fn read(client: &mut super::raw::RawClient) -> Self {
        let head = client.bytes(9).await;
        let (mut frame, length) = Self::begun(head.try_into().unwrap());
        frame.payload = client.bytes(length).await;
        frame
    }

    /// The next frame of a stream. None if the stream ends before that.
    pub async fn receive(stream: &mut (impl AsyncRead + Unpin)) -> Option<Self> {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await.ok()?;
        let (mut frame, length) = Self::begun(head);
        frame.payload.resize(length, 0);
        stream.read_exact(&mut frame.payload).await.ok()?;
        Some(frame)
    }

    /// The frame that has this head, without its payload, and the payload's length.
    fn begun([l0, l1, l2, kind, flags, s0, s1, s2, s3]: [u8; 9]) -> (Self, usize) {
        let stream = u32::from_be_bytes([s0, s1, s2, s3]) & (u32::MAX >> 1);
        let length = u32::from_be_bytes([0, l0, l1, l2]) as usize;
        (Self { kind, flags, stream, payload: Vec::new() }, length)
    }
}

async fn connect(addr: SocketAddr) -> TcpStream {
    let stream = within("a connection", TcpStream::connect(addr)).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}
