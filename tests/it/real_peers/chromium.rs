//! A real browser: over TLS and HTTP/2 it reaches a WebSocket upstream that speaks HTTP/1.1 alone.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::RawQuery;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Html;
use axum::routing::get;
use http::{HeaderMap, Version};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::support::process::Process;
use crate::support::sole::Sole;
use crate::support::tools::require;

/// A browser takes a while to start on a loaded machine.
const BROWSERS_PATIENCE: Duration = Duration::from_secs(60);

/// It tells the test how it goes: while the gateway is there by way of it, and afterwards at the upstream's own address.
fn page(upstream: SocketAddr) -> String {
    format!(
        "<!doctype html><title>a WebSocket</title><script>
        const tell = what => fetch('http://{upstream}/told?' + what, {{ mode: 'no-cors' }});
        const socket = new WebSocket(`wss://${{location.host}}/echo`);
        socket.onopen = () => socket.send('hello');
        socket.onmessage = event => tell('echoed-' + event.data);
        socket.onclose = event => tell(`closed-${{event.code}}-${{event.wasClean}}`);
        </script>"
    )
}

/// An upstream with that page and an echo. What the page tells, and with what each WebSocket was asked for, can be
/// received.
async fn upstream() -> (SocketAddr, mpsc::UnboundedReceiver<String>) {
    async fn echo(mut socket: WebSocket) {
        while let Some(Ok(message)) = socket.recv().await {
            if !matches!(message, Message::Close(_)) {
                socket.send(message).await.unwrap();
            }
        }
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let (tell, told) = mpsc::unbounded_channel();
    let asked = tell.clone();
    let app = Router::new()
        .route("/page.html", get(async move || Html(page(addr))))
        .route(
            "/echo",
            get(async move |version: Version, headers: HeaderMap, upgrade: WebSocketUpgrade| {
                let via = headers["via"].to_str().unwrap();
                asked.send(format!("{version:?} via {via}")).unwrap();
                upgrade.on_upgrade(echo)
            }),
        )
        .route("/told", get(async move |RawQuery(what): RawQuery| tell.send(what.unwrap()).unwrap()));
    tokio::spawn(axum::serve(listener, app).into_future());
    (addr, told)
}

/// TLS in front of the gateway, which speaks nothing but HTTP/2: a WebSocket over HTTP/1.1 would get no connection.
async fn in_front_of(gateway: SocketAddr) -> SocketAddr {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config =
        config.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut browser = acceptor.accept(stream).await?;
                let mut gateway = TcpStream::connect(gateway).await?;
                copy_bidirectional(&mut browser, &mut gateway).await
            });
        }
    });
    addr
}

#[tokio::test]
async fn its_websocket_is_a_stream_of_its_http2_connection() {
    let Some(program) = require("chromium") else { return };
    let (upstream, mut told) = upstream().await;
    let gateway = Sole::new(upstream).timeout("shutdown = \"3s\"").start();
    let front = in_front_of(gateway.addr).await;

    let profile = tempfile::tempdir().unwrap();
    let mut command = Command::new(program);
    command
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--ignore-certificate-errors"])
        .args(["--no-first-run", "--disable-background-networking", "--disable-component-update"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("https://{front}/page.html"));
    let browser = Process::start(command);
    let mut next =
        async || timeout(BROWSERS_PATIENCE, told.recv()).await.expect("a word of the browser").unwrap();
    let asked = next().await;
    assert!(asked.starts_with("HTTP/1.1 via 2 gateway"), "it came over HTTP/2: {asked}");
    assert_eq!(next().await, "echoed-hello");

    gateway.shutdown.begin();
    assert_eq!(next().await, "closed-1001-true");
    drop(browser);
    gateway.ended().await;
}
