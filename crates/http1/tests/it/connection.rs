//! A server's connection and its two buffers.

use bytes::BytesMut;
use http::Response;
use http1::{BodySize, Fault, HeaderCase, Limits, Piece, ResponseHead, Server, Unsendable};

pub(crate) struct Connection {
    pub(crate) server: Server,
    pub(crate) buffer: BytesMut,
    pub(crate) out: Vec<u8>,
}

impl Connection {
    pub(crate) fn new() -> Self {
        Self { server: Server::new(Limits::REQUESTS), buffer: BytesMut::new(), out: Vec::new() }
    }

    pub(crate) fn received(bytes: &str) -> Self {
        let mut connection = Self::new();
        connection.receive(bytes);
        assert!(connection.server.read_head(&mut connection.buffer).unwrap().is_some());
        connection
    }

    pub(crate) fn receive(&mut self, bytes: &str) {
        self.buffer.extend_from_slice(bytes.as_bytes());
    }

    pub(crate) fn answer(&mut self, status: u16, body: BodySize) -> Result<String, Unsendable> {
        let response = Response::builder().status(status).body(()).unwrap();
        self.send(&response, body)
    }

    pub(crate) fn send(&mut self, response: &Response<()>, body: BodySize) -> Result<String, Unsendable> {
        self.out.clear();
        let head = ResponseHead::from(response);
        self.server.send_head(head, body, None, HeaderCase::Lower, &mut self.out)?;
        Ok(String::from_utf8(self.out.clone()).unwrap())
    }

    pub(crate) fn read_body(&mut self) -> Result<Option<Piece>, Fault> {
        self.server.read_body(&mut self.buffer)
    }
}
