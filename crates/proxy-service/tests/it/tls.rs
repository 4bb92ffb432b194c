//! `https` targets: an upstream whose certificate is signed by an authority of the test.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use proxy_service::{CatchErrorLayer, Client, ClientBuilder, ErrorKind, ProxyService, Stage, Target, client};
use rustls::ClientConfig;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tower::{ServiceBuilder, ServiceExt};

use crate::support::authority::Authority;

type Answer = (http::response::Parts, Bytes);

async fn ask(client: Client<Empty<Bytes>>, target: &str) -> Answer {
    let target: Target = target.parse().unwrap();
    let proxy =
        ServiceBuilder::new().layer(CatchErrorLayer::new()).service(ProxyService::new(target, client));
    let request = Request::get("/hello").header("host", "shop.example").body(Empty::new()).unwrap();
    let (head, body) = proxy.oneshot(request).await.unwrap().into_parts();
    (head, body.collect().await.unwrap().to_bytes())
}

/// An upstream for `localhost`, and the client configuration that trusts it.
async fn upstream() -> (SocketAddr, Arc<ClientConfig>) {
    let authority = Authority::new();
    let server = Arc::new(authority.server(&["localhost"]));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, TlsAcceptor::from(server)));
    (addr, Arc::new(authority.trusting()))
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor) {
    while let Ok((socket, _)) = listener.accept().await {
        let Ok(stream) = acceptor.accept(socket).await else { continue };
        let answer = service_fn(async |request: Request<Incoming>| {
            let host = request.headers().get("host").map_or("", |host| host.to_str().unwrap());
            Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(format!("{host}{}", request.uri())))))
        });
        tokio::spawn(
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer),
        );
    }
}

#[tokio::test]
async fn a_trusted_upstream_answers() {
    let (addr, trusting) = upstream().await;
    let client = ClientBuilder::new().tls(trusting).build();
    let (head, body) = ask(client, &format!("https://localhost:{}", addr.port())).await;
    assert_eq!(
        (head.status.as_u16(), &body[..]),
        (200, format!("localhost:{}/hello", addr.port()).as_bytes())
    );
}

#[tokio::test]
async fn an_unknown_authority_or_another_name_is_a_certificate_error() {
    let (addr, trusting) = upstream().await;
    for (client, host) in [(client(), "localhost"), (ClientBuilder::new().tls(trusting).build(), "127.0.0.1")]
    {
        let (head, _) = ask(client, &format!("https://{host}:{}", addr.port())).await;
        assert_eq!(head.status, 502, "{host}");
        assert_eq!(head.extensions.get(), Some(&ErrorKind::TlsCertificateError), "{host}");
        assert_eq!(head.headers["proxy-status"], "gateway; error=tls_certificate_error", "{host}");
    }
}

/// Bytes that come before the handshake are no answer.
#[tokio::test]
async fn an_answer_in_plain_text_is_a_protocol_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil").await.unwrap();
        socket
    });
    let (head, body) = ask(client(), &format!("https://localhost:{}", addr.port())).await;
    assert_eq!(head.extensions.get(), Some(&ErrorKind::TlsProtocolError));
    assert_eq!((head.status.as_u16(), &body[..]), (502, &b"Bad Gateway\n"[..]));
}

#[tokio::test(start_paused = true)]
async fn a_handshake_that_never_ends_is_a_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let client = ClientBuilder::new().connect_timeout(Duration::from_millis(200)).build();
    let (head, _) = ask(client, &format!("https://127.0.0.1:{}", addr.port())).await;
    assert_eq!((head.status.as_u16(), head.extensions.get()), (504, Some(&ErrorKind::ConnectionTimeout)));
    drop(listener);
}

/// A dial goes as far as the connection of a request would.
#[tokio::test]
async fn a_dial_takes_the_handshake_along() {
    let (addr, trusting) = upstream().await;
    let target: Target = format!("https://localhost:{}", addr.port()).parse().unwrap();
    let trusted: Client<Empty<Bytes>> = ClientBuilder::new().tls(trusting).build();
    trusted.dial(&target).await.unwrap();
    let error = client::<Empty<Bytes>>().dial(&target).await.unwrap_err();
    assert_eq!((error.kind(), error.stage()), (ErrorKind::TlsCertificateError, Stage::Connect));
}

#[tokio::test]
async fn handshakes_are_counted() {
    let (addr, trusting) = upstream().await;
    let target: Target = format!("https://localhost:{}", addr.port()).parse().unwrap();
    let proxy = ProxyService::new(target, ClientBuilder::new().tls(trusting).build());
    for _ in 0..2 {
        let request = Request::get("/").header("host", "test").body(Empty::<Bytes>::new()).unwrap();
        proxy.clone().oneshot(request).await.unwrap().into_body().collect().await.unwrap();
    }
    let counts = proxy.connections();
    assert_eq!((counts.handshakes, counts.created), (1, 1));
}
