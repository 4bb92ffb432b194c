//! A raw HTTP/1 client: sends exactly the bytes given, and accepts nothing malformed in responses.

use std::io;
use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use tokio::net::{TcpSocket, TcpStream};

use super::body::{Body, BodyEnd};
use super::fields::Fields;
use super::syntax::{self, Version};
use super::wire::{self, RawHead, Reader, Stop, Writer};
use super::{PATIENCE, within};

pub struct RawClient {
    reader: Reader,
    writer: Writer,
    local: SocketAddr,
}

/// A response's head.
#[derive(Clone, Debug)]
pub struct Head {
    pub version: Version,
    pub status: u16,
    pub reason: String,
    pub headers: Fields,
    /// Exactly as received, the empty line included.
    pub bytes: Bytes,
}

#[derive(Clone, Debug)]
pub struct Response {
    /// The 1xx heads that came before it (a 101 is not one of them: it is final).
    pub interim: Vec<Head>,
    pub head: Head,
    pub body: Body,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    Fin,
    Reset,
}

impl RawClient {
    pub async fn connect(addr: SocketAddr) -> Self {
        Self::over(within("a connection", TcpStream::connect(addr)).await.unwrap())
    }

    /// As [`RawClient::connect`], from another address of this machine.
    pub async fn connect_from(from: IpAddr, addr: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((from, 0).into()).unwrap();
        Self::over(within("a connection", socket.connect(addr)).await.unwrap())
    }

    /// This end of a connection, whichever side opened it.
    pub fn over(stream: TcpStream) -> Self {
        let local = stream.local_addr().unwrap();
        let (reader, writer) = wire::split(stream);
        Self { reader, writer, local }
    }

    /// This side's address: what the peer sees as its client.
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// # Panics
    /// If the peer has gone. See [`RawClient::try_send`].
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.try_send(bytes).await.unwrap_or_else(|error| panic!("sending: {error}"));
    }

    pub async fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        within("the peer to read what we send", self.writer.send(bytes.as_ref())).await
    }

    /// Half-close: the peer reads an EOF, and this side goes on reading.
    pub async fn finish(&mut self) {
        let _ = self.writer.finish().await;
    }

    /// Closes the connection with an RST.
    pub fn reset(self) {
        wire::reset(self.reader, self.writer);
    }

    /// Sends a GET of `path` and reads its response.
    pub async fn get(&mut self, path: &str) -> Response {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n")).await;
        self.response().await
    }

    /// The next response, to any request but a HEAD.
    pub async fn response(&mut self) -> Response {
        self.response_to("GET").await
    }

    /// The next response to a request with that method. Its body may have ended badly: see [`Body::end`].
    ///
    /// # Panics
    /// If no well-formed head comes.
    pub async fn response_to(&mut self, method: &str) -> Response {
        let mut response = self.response_head(method).await;
        while self.piece(&mut response).await.is_some() {}
        response
    }

    /// As [`RawClient::response_to`], but the body is still to be read with [`RawClient::piece`].
    pub async fn response_head(&mut self, method: &str) -> Response {
        self.try_response_head(method).await.unwrap_or_else(|stop| {
            panic!("no response: {stop:?} after {}", self.reader.since_head().escape_ascii())
        })
    }

    /// As [`RawClient::response_head`]; `Err` says why there is no well-formed head.
    pub async fn try_response_head(&mut self, method: &str) -> Result<Response, Stop> {
        read_head(&mut self.reader, method).await
    }

    /// The next bytes of a response's body as they come; `None` at its end.
    pub async fn piece(&mut self, response: &mut Response) -> Option<Bytes> {
        read_piece(&mut self.reader, response).await
    }

    /// Reads a response's body until it contains `text`.
    ///
    /// # Panics
    /// If the body ends before.
    pub async fn until(&mut self, response: &mut Response, text: &str) {
        while !response.body.text().contains(text) {
            assert!(self.piece(response).await.is_some(), "no {text:?} in {response:?}");
        }
    }

    /// Sends and reads at the same time, for bodies larger than the buffers on the way. The peer may answer and leave
    /// before it has everything.
    pub async fn exchange(&mut self, request: &[u8], method: &str) -> Response {
        let receiving = async {
            let mut response =
                read_head(&mut self.reader, method).await.unwrap_or_else(|stop| panic!("{stop:?}"));
            while read_piece(&mut self.reader, &mut response).await.is_some() {}
            response
        };
        let sending = within("the peer to read, or to leave", self.writer.send(request));
        let (response, _sent) = tokio::join!(receiving, sending);
        response
    }

    /// Exactly this number of bytes, whatever they mean: for tunnels and HTTP/2 frames.
    pub async fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        while bytes.len() < count {
            let more = tokio::time::timeout(PATIENCE, self.reader.some((count - bytes.len()) as u64)).await;
            match more {
                Ok(Ok(more)) => bytes.extend_from_slice(&more),
                Ok(Err(stop)) => {
                    panic!("{stop:?} after {} of {count} bytes: {}", bytes.len(), bytes.escape_ascii())
                }
                Err(_) => panic!("waited {PATIENCE:?} after {}", bytes.escape_ascii()),
            }
        }
        bytes
    }

    /// Everything up to the end of the connection, whatever it means.
    pub async fn rest(&mut self) -> (Vec<u8>, Closed) {
        let mut bytes = Vec::new();
        loop {
            match tokio::time::timeout(PATIENCE, self.reader.some(u64::MAX)).await {
                Ok(Ok(more)) => bytes.extend_from_slice(&more),
                Ok(Err(Stop::Reset)) => return (bytes, Closed::Reset),
                Ok(Err(_)) => return (bytes, Closed::Fin),
                Err(_) => panic!("waited {PATIENCE:?} for the end after {}", bytes.escape_ascii()),
            }
        }
    }

    /// Waits for the connection's end.
    ///
    /// # Panics
    /// If another byte comes first.
    pub async fn expect_close(&mut self) -> Closed {
        match within("the connection's end", self.reader.end()).await {
            Stop::Closed => Closed::Fin,
            Stop::Reset => Closed::Reset,
            Stop::Violation(_) => panic!("unexpected bytes: {}", self.left_over()),
        }
    }

    fn left_over(&self) -> String {
        self.reader.unread().escape_ascii().to_string()
    }
}

impl From<RawHead<(Version, u16, String)>> for Head {
    fn from(head: RawHead<(Version, u16, String)>) -> Self {
        let (version, status, reason) = head.first;
        Self { version, status, reason, headers: head.fields, bytes: head.bytes }
    }
}

impl Response {
    pub fn status(&self) -> u16 {
        self.head.status
    }

    pub fn headers(&self) -> &Fields {
        &self.head.headers
    }

    /// The value of the only header line of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.one(name)
    }

    /// The body, decoded as Latin-1.
    ///
    /// # Panics
    /// If it did not come to its proper end.
    pub fn text(&self) -> String {
        assert_eq!(self.body.end, BodyEnd::Complete, "{self:?}");
        self.body.text()
    }
}

async fn read_head(reader: &mut Reader, method: &str) -> Result<Response, Stop> {
    let mut interim = Vec::new();
    loop {
        let head = match tokio::time::timeout(PATIENCE, reader.head(syntax::status_line)).await {
            Ok(head) => Head::from(head?.ok_or(Stop::Closed)?),
            Err(_) => panic!("waited {PATIENCE:?} for a head after {}", reader.since_head().escape_ascii()),
        };
        let framing = syntax::response_framing(method, head.status, head.version, &head.headers)?;
        if head.status >= 200 || head.status == 101 {
            return Ok(Response { interim, head, body: Body::new(framing) });
        }
        interim.push(head);
    }
}

async fn read_piece(reader: &mut Reader, response: &mut Response) -> Option<Bytes> {
    match tokio::time::timeout(PATIENCE, response.body.next(reader)).await {
        Ok(piece) => piece,
        Err(_) => {
            panic!("waited {PATIENCE:?} for more of {response:?}, then {}", reader.unread().escape_ascii())
        }
    }
}
