//! The same request in several shapes over either protocol, and its answer in one form.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};

use super::fields::Fields;
use super::h2::{self, H2Client, RequestBody};
use super::raw::RawClient;
use super::wire::Stop;

/// The content of every request that has some.
pub const CONTENT: &str = "name=value";

/// A connection to the gateway.
pub enum Client {
    Http1(RawClient),
    Http2(H2Client),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Http1,
    Http2,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    pub method: &'static str,
    pub content: Content,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    None,
    Length,
    /// In HTTP/2, a body without a declared length.
    Chunked,
}

/// A response, or as much of one as came.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub fields: Fields,
    pub body: Vec<u8>,
    /// Whether it looks complete to the client.
    pub is_complete: bool,
}

pub const GET: Shape = Shape { method: "GET", content: Content::None };
pub const HEAD: Shape = Shape { method: "HEAD", content: Content::None };
pub const POST: Shape = Shape { method: "POST", content: Content::Length };
pub const POST_CHUNKED: Shape = Shape { method: "POST", content: Content::Chunked };

/// GET, HEAD and both kinds of POST, over both protocols.
pub fn every_case() -> impl Iterator<Item = (Protocol, Shape)> {
    let shapes = [GET, HEAD, POST, POST_CHUNKED];
    let protocols = [Protocol::Http1, Protocol::Http2];
    protocols.into_iter().flat_map(move |protocol| shapes.map(|shape| (protocol, shape)))
}

impl Client {
    pub async fn connect(protocol: Protocol, addr: SocketAddr) -> Self {
        match protocol {
            Protocol::Http1 => Self::Http1(RawClient::connect(addr).await),
            Protocol::Http2 => Self::Http2(H2Client::connect(addr).await),
        }
    }

    /// Sends a request and reads what comes; `None` if the connection or stream ended without a byte of a head.
    ///
    /// # Panics
    /// If what comes violates HTTP.
    pub async fn ask(&mut self, shape: Shape, path: &str) -> Option<Answer> {
        self.ask_with(shape, path, &[]).await
    }

    /// As [`Client::ask`], with more header fields.
    pub async fn ask_with(&mut self, shape: Shape, path: &str, fields: &[(&str, &str)]) -> Option<Answer> {
        match self {
            Self::Http1(client) => ask_http1(client, shape, &shape.http1(path, fields)).await,
            Self::Http2(client) => ask_http2(client, shape.http2(path, fields)).await,
        }
    }
}

impl Shape {
    /// The request in HTTP/1.1.
    pub fn http1(self, path: &str, fields: &[(&str, &str)]) -> String {
        let fields: String = fields.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let head = format!("{} {path} HTTP/1.1\r\nHost: test\r\n{fields}", self.method);
        let length = CONTENT.len();
        match self.content {
            Content::None => format!("{head}\r\n"),
            Content::Length => format!("{head}Content-Length: {length}\r\n\r\n{CONTENT}"),
            Content::Chunked => {
                format!("{head}Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n{CONTENT}\r\n0\r\n\r\n")
            }
        }
    }

    /// The content that it sends.
    pub fn text(self) -> &'static str {
        if self.content == Content::None { "" } else { CONTENT }
    }

    fn http2(self, path: &str, fields: &[(&str, &str)]) -> Request<RequestBody> {
        let mut request = Request::builder().method(self.method).uri(format!("http://test{path}"));
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let content = || Full::new(Bytes::from_static(CONTENT.as_bytes())).map_err(|never| match never {});
        let body = match self.content {
            Content::None => h2::empty(),
            Content::Length => content().boxed_unsync(),
            // Mapped frames have no size hint.
            Content::Chunked => content().map_frame(|frame| frame).boxed_unsync(),
        };
        request.body(body).unwrap()
    }
}

impl Answer {
    /// The value of the only line of that name.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.one(name)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Asserts that this is an error that the gateway made itself, and that nothing else is in it: every field is
    /// known, so nothing of the upstream or of an error's text can be there.
    pub fn assert_own_error(&self, method: &str, status: u16, error: &str, context: &str) {
        let reason = StatusCode::from_u16(status).unwrap().canonical_reason().unwrap();
        let body = if method == Method::HEAD { String::new() } else { format!("{reason}\n") };
        let proxy_status = format!("gateway; error={error}");
        assert_eq!(
            (self.status, self.field("proxy-status"), self.text(), self.is_complete),
            (status, Some(proxy_status.as_str()), body, true),
            "{context}: {self:?}"
        );
        assert_eq!(self.field("content-type"), Some("text/plain; charset=utf-8"), "{context}");
        assert_eq!(self.field("retry-after"), (status == 503).then_some("1"), "{context}");
        self.assert_no_field_but_ours(context);
    }

    /// As [`assert_own_error`](Self::assert_own_error), in the form that a gRPC client reads: status and error are in
    /// fields.
    pub fn assert_own_grpc_error(&self, grpc_status: &str, error: &str, context: &str) {
        let got = (self.status, self.field("grpc-status"), self.field("content-type"));
        assert_eq!(got, (200, Some(grpc_status), Some("application/grpc")), "{context}: {self:?}");
        assert_eq!(self.field("proxy-status"), Some(&*format!("gateway; error={error}")), "{context}");
        assert!(self.is_complete && self.body.is_empty(), "{context}: {self:?}");
        self.assert_no_field_but_ours(context);
    }

    /// Asserts that there is no field that an error of the gateway's own doesn't need.
    pub fn assert_no_field_but_ours(&self, context: &str) {
        const OURS: [&str; 9] = [
            "date",
            "content-type",
            "content-length",
            "proxy-status",
            "x-request-id",
            "retry-after",
            "connection",
            "allow",
            "grpc-status",
        ];
        assert!(self.field("x-request-id").is_some_and(|id| id.len() == 36), "{context}: {self:?}");
        for (name, _) in &self.fields.0 {
            assert!(OURS.contains(&name.to_ascii_lowercase().as_str()), "{context}: {name} in {self:?}");
        }
    }
}

async fn ask_http1(client: &mut RawClient, shape: Shape, request: &str) -> Option<Answer> {
    client.try_send(request).await.ok()?;
    let mut response = match client.try_response_head(shape.method).await {
        Ok(response) => response,
        Err(Stop::Violation(violation)) => panic!("{violation:?} in the answer to {request:?}"),
        Err(Stop::Closed | Stop::Reset) => return None,
    };
    while client.piece(&mut response).await.is_some() {}
    Some(Answer {
        status: response.status(),
        is_complete: response.body.is_complete(),
        fields: response.head.headers,
        body: response.body.bytes,
    })
}

async fn ask_http2(client: &mut H2Client, request: Request<RequestBody>) -> Option<Answer> {
    let response = client.send(request).await.ok()?;
    let collected = h2::collect(response).await;
    let fields = collected.headers.iter().map(|(name, value)| {
        (name.to_string(), value.as_bytes().iter().copied().map(char::from).collect::<String>())
    });
    Some(Answer {
        status: collected.status.as_u16(),
        fields: Fields(fields.collect()),
        body: collected.body,
        is_complete: collected.end.is_ok(),
    })
}
