//! Which version of HTTP is spoken over TLS.

use std::sync::Arc;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::upstream::{Bare, read_first_head};
use super::*;
use crate::support::authority::Authority;

/// An upstream that offers these protocols and answers with the version of the request, and the configuration of its
/// clients.
async fn upstream(offered: &[&str]) -> (String, ClientBuilder) {
    let authority = Authority::new();
    let mut config = authority.server(&["localhost"]);
    config.alpn_protocols = offered.iter().map(|name| name.as_bytes().to_vec()).collect();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let stream = acceptor.accept(socket).await.unwrap();
                let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                let answer = service_fn(async |request: Request<hyper::body::Incoming>| {
                    let version = format!("{:?}", request.version());
                    Ok::<_, std::convert::Infallible>(Response::new(Full::new(Bytes::from(version))))
                });
                let stream = TokioIo::new(stream);
                let _the_client_may_leave = match is_http2 {
                    true => {
                        hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                            .serve_connection(stream, answer)
                            .await
                    }
                    false => {
                        hyper::server::conn::http1::Builder::new().serve_connection(stream, answer).await
                    }
                };
            });
        }
    });
    (target, ClientBuilder::new().tls(Arc::new(authority.trusting())))
}

#[tokio::test]
async fn by_default_the_upstream_chooses_and_a_burst_makes_one_connection_if_it_is_http2() {
    let (target, client) = upstream(&["h2", "http/1.1"]).await;
    let proxy = proxy(client, &target);
    let answers: JoinSet<_> =
        (0..20).map(|_| proxy.clone()).map(|proxy| async move { ask(&proxy, "/").await }).collect();
    assert!(answers.join_all().await.iter().all(|version| version == "HTTP/2.0"));
    assert_eq!(proxy.connections().created, 1);
}

/// Credentials that count for a connection must not be sent on one that other clients share.
#[tokio::test]
async fn connection_bound_credentials_take_a_connection_of_their_own_in_http1() {
    let (target, client) = upstream(&["h2", "http/1.1"]).await;
    let proxy = proxy(client, &target);
    assert_eq!(ask(&proxy, "/").await, "HTTP/2.0");
    for credentials in ["NTLM x", "negotiate x"] {
        let mut request = get("/");
        request.headers_mut().insert("authorization", credentials.parse().unwrap());
        assert_eq!(text(send(&proxy, request).await.unwrap()).await, "HTTP/1.1");
    }
    assert_eq!(ask(&proxy, "/").await, "HTTP/2.0");
    assert_eq!(proxy.connections().created, 3);
}

#[tokio::test]
async fn an_upstream_without_http2_is_spoken_to_in_http1() {
    for offered in [&["http/1.1"][..], &[]] {
        let (target, client) = upstream(offered).await;
        let proxy = proxy(client, &target);
        let answers: JoinSet<_> =
            (0..5).map(|_| proxy.clone()).map(|proxy| async move { ask(&proxy, "/").await }).collect();
        assert!(answers.join_all().await.iter().all(|version| version == "HTTP/1.1"));
        let made = proxy.connections().created;
        assert_eq!(ask(&proxy, "/").await, "HTTP/1.1");
        assert_eq!(proxy.connections().created, made, "one is reused");
    }
}

#[tokio::test]
async fn only_what_is_allowed_is_offered() {
    let (target, client) = upstream(&["h2", "http/1.1"]).await;
    assert_eq!(ask(&proxy(client.clone().protocols(Protocols::Http1), &target), "/").await, "HTTP/1.1");
    assert_eq!(ask(&proxy(client.protocols(Protocols::Http2), &target), "/").await, "HTTP/2.0");
    let (target, client) = upstream(&[]).await;
    let failed = send(&proxy(client.protocols(Protocols::Http2), &target), get("/")).await.unwrap_err();
    assert_eq!(failed.error().kind(), proxy_service::ErrorKind::TlsProtocolError);
    assert!(failed.request().is_some());
}

/// An upstream that offers both, sends these frames to a client that chooses HTTP/2, and reports each.
async fn upstream_that_wants_http1(frames: &'static [u8]) -> (String, ClientBuilder, UnboundedReceiver<()>) {
    let authority = Authority::new();
    let mut config = authority.server(&["localhost"]);
    config.alpn_protocols = ["h2", "http/1.1"].map(|name| name.as_bytes().to_vec()).to_vec();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let (tell, refused) = unbounded_channel();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let mut stream = acceptor.accept(socket).await.unwrap();
            let tell = tell.clone();
            tokio::spawn(async move {
                if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
                    read_first_head(&mut stream).await;
                    tell.send(()).unwrap();
                    stream.write_all(frames).await.unwrap();
                    return std::future::pending().await;
                }
                let answer = service_fn(async |request: Request<hyper::body::Incoming>| {
                    let sent = format!("{:?} {}", request.version(), request.method());
                    Ok::<_, std::convert::Infallible>(Response::new(Full::new(Bytes::from(sent))))
                });
                let server = hyper::server::conn::http1::Builder::new();
                let _the_client_may_leave = server.serve_connection(TokioIo::new(stream), answer).await;
            });
        }
    });
    (target, ClientBuilder::new().tls(Arc::new(authority.trusting())), refused)
}

/// The upstream has not processed the request, so it is sent again with any method; from then on the client knows.
#[tokio::test]
async fn an_upstream_that_wants_http1_gets_it_and_is_not_asked_in_http2_again() {
    for frames in [Bare::WANTS_HTTP1_1, Bare::WANTS_HTTP1_ALL] {
        let (target, client, mut refused) = upstream_that_wants_http1(frames).await;
        let proxy = proxy(client, &target);
        let post = Request::post("/").header("host", "test").body(Full::default()).unwrap();
        assert_eq!(text(send(&proxy, post).await.unwrap()).await, "HTTP/1.1 POST");
        assert_eq!(refused.recv().await, Some(()));
        for _ in 0..3 {
            assert_eq!(ask(&proxy, "/").await, "HTTP/1.1 GET");
        }
        assert!(refused.try_recv().is_err(), "asked in HTTP/2 again");
        assert_eq!(proxy.connections().created, 2);
    }
}
