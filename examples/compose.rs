//! The layers of the three crates in your own axum app, beside a handler of your own.
//!
//! `cargo run --example compose` starts two upstreams and the app, sends it a few requests, prints the answers and
//! ends. With an address, `cargo run --example compose 127.0.0.1:8080` serves the app there, in front of upstreams that
//! you start with `cargo run -- backend 9001` and `cargo run -- backend 9002`.

use std::error::Error;
use std::net::SocketAddr;

use admin_auth::{AdminAuthLayer, AdminToken};
use axum::Router;
use axum::extract::connect_info::{ConnectInfo, Connected};
use axum::routing::get;
use axum::serve::IncomingStream;
use balance::RoundRobinLayer;
use proxy_service::{CatchErrorLayer, ClientConnection, Peer, PeerLayer, ProxyService, Target, client};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower::{Layer, ServiceBuilder};

fn app(one: Target, two: Target) -> Result<Router, Box<dyn Error + Send + Sync>> {
    let client = client();
    let proxy = move |target: Target| ProxyService::new(target, client.clone());

    let api = ServiceBuilder::new()
        .layer(CatchErrorLayer::new())
        .layer(RoundRobinLayer::new([one.clone(), two.clone()]).failover(1))
        .service(proxy.clone());
    let files = CatchErrorLayer::new().layer(proxy(one));
    let admin = ServiceBuilder::new()
        .layer(AdminAuthLayer::new(AdminToken::new("letmein")?))
        .layer(CatchErrorLayer::new())
        .service(proxy(two));

    Ok(Router::new()
        .route("/", get(async || "my own handler\n"))
        .nest_service("/api", api)
        .nest_service("/static", files)
        .nest_service("/admin", admin)
        .layer(PeerLayer::from_extension(|ConnectInfo(Accepted(peer)): &ConnectInfo<Accepted>| peer.clone())))
}

/// An accepted connection. axum makes one for each connection, and clones it into the extensions of each request.
#[derive(Clone)]
struct Accepted(Peer);

impl Connected<IncomingStream<'_, TcpListener>> for Accepted {
    fn connect_info(stream: IncomingStream<'_, TcpListener>) -> Self {
        Self(Peer::new(*stream.remote_addr()).over(ClientConnection::new()))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    if let Some(listen) = std::env::args().nth(1) {
        let app = app("http://127.0.0.1:9001".parse()?, "http://127.0.0.1:9002".parse()?)?;
        return serve(TcpListener::bind(listen).await?, app).await;
    }
    let app = app(upstream().await?, upstream().await?)?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let addr = listener.local_addr()?;
    tokio::spawn(serve(listener, app));
    ask(addr, "/", "").await?;
    ask(addr, "/api/users", "").await?;
    ask(addr, "/api/users", "").await?;
    ask(addr, "/static/x.png", "").await?;
    ask(addr, "/admin/dashboard", "").await?;
    ask(addr, "/admin/dashboard", "X-Admin-Token: letmein\r\n").await
}

async fn serve(listener: TcpListener, app: Router) -> Result<(), Box<dyn Error + Send + Sync>> {
    axum::serve(listener, app.into_make_service_with_connect_info::<Accepted>()).await?;
    Ok(())
}

async fn upstream() -> Result<Target, Box<dyn Error + Send + Sync>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let addr = listener.local_addr()?;
    let backend = gateway::backend::router(addr.port());
    tokio::spawn(axum::serve(listener, backend).into_future());
    Ok(format!("http://{addr}").parse()?)
}

/// Sends a request, and prints the status line and the first line of the body.
async fn ask(addr: SocketAddr, path: &str, headers: &str) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut connection = TcpStream::connect(addr).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: example\r\nConnection: close\r\n{headers}\r\n");
    connection.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    println!("{path:<18} {:<26} {}", head.lines().next().unwrap_or(""), body.lines().next().unwrap_or(""));
    Ok(())
}
