//! HTTP over a transport.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response, Version};
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::net::TcpListener;

use super::*;

/// Serves one connection in `protocol`. Each answer's body is the version of HTTP of its request.
pub(super) async fn answer(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, protocol: Protocol) {
    let answer = service_fn(async |request: Request<Incoming>| {
        let version = format!("{:?}", request.version());
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(version))))
    });
    let stream = TokioIo::new(stream);
    // The client closes the connection when it has its answer, so the server may see no clean end.
    let _ = match protocol {
        Protocol::Http1 => hyper::server::conn::http1::Builder::new().serve_connection(stream, answer).await,
        Protocol::Http2 => {
            let builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            builder.serve_connection(stream, answer).await
        }
    };
}

/// Sends one request in the transport's protocol, and reads the answer.
pub(super) async fn ask(transport: Transport) -> (Version, Bytes) {
    let request = Request::get("http://localhost/").header("host", "localhost").body(Empty::<Bytes>::new());
    let request = request.unwrap();
    let response = match transport.protocol() {
        Protocol::Http1 => {
            let (mut sender, connection) = http1::handshake(TokioIo::new(transport)).await.unwrap();
            tokio::spawn(connection);
            sender.send_request(request).await.unwrap()
        }
        Protocol::Http2 => {
            let (mut sender, connection) =
                http2::handshake(TokioExecutor::new(), TokioIo::new(transport)).await.unwrap();
            tokio::spawn(connection);
            sender.send_request(request).await.unwrap()
        }
    };
    (response.version(), response.into_body().collect().await.unwrap().to_bytes())
}

#[tokio::test]
async fn in_the_clear_prior_knowledge_decides() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = format!("http://{}", listener.local_addr().unwrap());
    for (protocols, protocol, version) in [
        (Protocols::Http1, Protocol::Http1, "HTTP/1.1"),
        (Protocols::Auto, Protocol::Http1, "HTTP/1.1"),
        (Protocols::Http2, Protocol::Http2, "HTTP/2.0"),
    ] {
        let transport = dial(protocols, &target).await.unwrap();
        assert_eq!(transport.protocol(), protocol);
        tokio::spawn(answer(listener.accept().await.unwrap().0, protocol));
        let (answered_in, asked_in) = ask(transport).await;
        assert_eq!((format!("{answered_in:?}").as_str(), &asked_in[..]), (version, version.as_bytes()));
    }
}

/// Writes both slices with one call.
pub(super) async fn write_vectored(transport: &mut Transport, slices: [&[u8]; 2]) -> usize {
    assert!(transport.is_write_vectored());
    let slices = slices.map(io::IoSlice::new);
    let write = |cx: &mut std::task::Context<'_>| {
        std::pin::Pin::new(&mut *transport).poll_write_vectored(cx, &slices)
    };
    std::future::poll_fn(write).await.unwrap()
}

#[tokio::test]
async fn vectored_writes_pass_through() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = format!("http://{}", listener.local_addr().unwrap());
    let mut transport = dial(Protocols::Http1, &target).await.unwrap();
    let (mut upstream, _) = listener.accept().await.unwrap();
    assert_eq!(write_vectored(&mut transport, [b"head", b"body"]).await, 8);
    let mut received = [0; 8];
    upstream.read_exact(&mut received).await.unwrap();
    assert_eq!(&received, b"headbody");
}
