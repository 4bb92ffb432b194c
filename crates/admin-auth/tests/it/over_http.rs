//! Behind a real server and over real sockets: an axum router behind the gate, with exact bytes as requests.

use std::net::SocketAddr;

use admin_auth::{Accepted, AdminAuthLayer, AdminToken};
use axum::extract::{ConnectInfo, Request};
use axum::routing::any;
use axum::{Extension, Router};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

async fn serve() -> SocketAddr {
    let layer = AdminAuthLayer::new(AdminToken::new("letmein").unwrap().label("ops"))
        .throttle_by(|extensions| Some(extensions.get::<ConnectInfo<SocketAddr>>()?.0.ip()));
    let inside = async |Extension(accepted): Extension<Accepted>, request: Request| {
        assert!(request.headers().get("x-admin-token").is_none());
        format!("inside as {}", accepted.label())
    };
    let app = Router::new()
        .route("/admin", any(inside))
        .route("/other", any(async || "other"))
        .layer(layer)
        .route("/open", any(async || "open"));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>());
    tokio::spawn(server.into_future());
    address
}

/// The whole answer to `request`, until the server closes.
async fn ask(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn get(path: &str, lines: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{lines}\r\n")
}

#[tokio::test]
async fn it_gates_what_is_under_it() {
    let address = serve().await;
    for (path, lines, status, text) in [
        ("/admin", "x-admin-token: letmein\r\n", "200 OK", "inside as ops"),
        ("/admin", "x-admin-token: \t letmein \r\n", "200 OK", "inside as ops"),
        ("/other", "x-admin-token: letmein\r\n", "200 OK", "other"),
        ("/open", "", "200 OK", "open"),
        ("/admin", "", "401 Unauthorized", "Unauthorized\n"),
        ("/admin", "x-admin-token:\r\n", "401 Unauthorized", "Unauthorized\n"),
        ("/admin", "x-admin-token: LETMEIN\r\n", "403 Forbidden", "Forbidden\n"),
        ("/admin", "x-admin-token: letmein\r\nx-admin-token: letmein\r\n", "403 Forbidden", "Forbidden\n"),
        ("/admin", "x-admin-token: letmein, letmein\r\n", "403 Forbidden", "Forbidden\n"),
        ("/other", "x-admin-token: \u{e9}\r\n", "403 Forbidden", "Forbidden\n"),
    ] {
        let answer = ask(address, &get(path, lines)).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{path} {lines:?}: {answer}");
        assert!(answer.ends_with(&format!("\r\n\r\n{text}")), "{path} {lines:?}: {answer}");
    }
}

#[tokio::test]
async fn routes_count_wrong_tries_together() {
    let address = serve().await;
    for n in 0..10 {
        let path = if n % 2 == 0 { "/admin" } else { "/other" };
        let answer = ask(address, &get(path, "x-admin-token: guess\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{n}: {answer}");
    }
    for lines in ["x-admin-token: guess\r\n", "x-admin-token: letmein\r\n"] {
        let answer = ask(address, &get("/admin", lines)).await;
        assert!(answer.starts_with("HTTP/1.1 429 ") && answer.contains("\r\nretry-after: "), "{answer}");
    }
    assert!(ask(address, &get("/open", "")).await.starts_with("HTTP/1.1 200 "));
}

/// The body is announced and never sent: an answer that waited for it would never come.
#[tokio::test]
async fn a_refusal_does_not_wait_for_the_body() {
    let address = serve().await;
    let head = "POST /admin HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n";
    assert!(ask(address, head).await.starts_with("HTTP/1.1 401 "));
}
