//! An admin gate in front of an ordinary axum handler.
//!
//! `cargo run -p admin-auth --example plain_axum` serves on a free port, asks itself and ends;
//! `cargo run -p admin-auth --example plain_axum 127.0.0.1:3000` serves until Ctrl-C.

use std::error::Error;
use std::net::SocketAddr;

use admin_auth::{Accepted, AdminAuthLayer, AdminToken};
use axum::extract::ConnectInfo;
use axum::routing::get;
use axum::{Extension, Router};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

fn app() -> Result<Router, Box<dyn Error>> {
    let gate = AdminAuthLayer::new(AdminToken::new("letmein")?.label("demo"))
        .throttle_by(|extensions| Some(extensions.get::<ConnectInfo<SocketAddr>>()?.0.ip()));

    Ok(Router::new()
        .route("/admin", get(admin))
        .layer(gate)
        .route("/", get(async || "Everyone may read this.\n")))
}

async fn admin(Extension(accepted): Extension<Accepted>) -> String {
    format!("Only an admin may read this, and you are {:?}.\n", accepted.label())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().init();
    let address = std::env::args().nth(1);
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:0")).await?;
    let local = listener.local_addr()?;
    let server = axum::serve(listener, app()?.into_make_service_with_connect_info::<SocketAddr>());

    if address.is_some() {
        println!("curl -i http://{local}/admin");
        println!("curl -i http://{local}/admin -H 'X-Admin-Token: letmein'");
        let interrupted = async { tokio::signal::ctrl_c().await.unwrap_or_default() };
        return Ok(server.with_graceful_shutdown(interrupted).await?);
    }
    tokio::spawn(server.into_future());
    demonstrate(local).await
}

async fn demonstrate(server: SocketAddr) -> Result<(), Box<dyn Error>> {
    let right = "x-admin-token: letmein\r\n";
    let wrong = "x-admin-token: letmeout\r\n";
    expect(server, "/", "", "200").await?;
    expect(server, "/admin", "", "401").await?;
    expect(server, "/admin", right, "200").await?;
    for _ in 0..10 {
        expect(server, "/admin", wrong, "403").await?;
    }
    expect(server, "/admin", wrong, "429").await?;
    expect(server, "/admin", right, "429").await
}

async fn expect(server: SocketAddr, path: &str, header: &str, status: &str) -> Result<(), Box<dyn Error>> {
    let mut stream = TcpStream::connect(server).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {server}\r\nconnection: close\r\n{header}\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;

    println!("--- GET {path} {}\n{answer}", header.trim_end());
    let expected = format!("HTTP/1.1 {status} ");
    answer.starts_with(&expected).then_some(()).ok_or_else(|| format!("expected {expected}").into())
}
