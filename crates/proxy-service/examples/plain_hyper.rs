//! A reverse proxy on hyper alone, without axum.
//!
//! `plain_hyper` starts an upstream and a proxy in front of it, sends one request and ends. `plain_hyper
//! 127.0.0.1:8080 http://127.0.0.1:9001` serves until it is stopped.

use std::convert::Infallible;
use std::error::Error;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use proxy_service::{CatchErrorLayer, ClientConnection, Peer, ProxyService, Target, client};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower::{ServiceBuilder, service_fn};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut args = std::env::args().skip(1);
    if let (Some(listen), Some(target)) = (args.next(), args.next()) {
        return serve(TcpListener::bind(listen).await?, target.parse()?).await;
    }
    let upstream = TcpListener::bind("127.0.0.1:0").await?;
    let target: Target = format!("http://{}/v1", upstream.local_addr()?).parse()?;
    tokio::spawn(answer(upstream));
    let proxy = TcpListener::bind("127.0.0.1:0").await?;
    let address = proxy.local_addr()?;
    tokio::spawn(serve(proxy, target));

    let mut connection = TcpStream::connect(address).await?;
    connection
        .write_all(b"GET /users?id=7 HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n")
        .await?;
    let mut received = String::new();
    connection.read_to_string(&mut received).await?;
    println!("{received}");
    Ok(())
}

/// Serves the proxy. Each request is told the peer of its connection.
async fn serve(listener: TcpListener, target: Target) -> Result<(), Box<dyn Error + Send + Sync>> {
    let proxy =
        ServiceBuilder::new().layer(CatchErrorLayer::new()).service(ProxyService::new(target, client()));
    loop {
        let (socket, addr) = listener.accept().await?;
        let peer = Peer::new(addr).over(ClientConnection::new());
        let service = ServiceBuilder::new()
            .map_request(move |mut request: Request<Incoming>| {
                request.extensions_mut().insert(peer.clone());
                request
            })
            .service(proxy.clone());
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(socket), TowerToHyperService::new(service))
            .with_upgrades();
        tokio::spawn(connection);
    }
}

/// The upstream. It answers with the request that it got.
async fn answer(listener: TcpListener) -> Result<(), Box<dyn Error + Send + Sync>> {
    loop {
        let (socket, _) = listener.accept().await?;
        let service = service_fn(|request: Request<Incoming>| async move {
            let (head, _) = request.into_parts();
            Ok::<_, Infallible>(Response::new(format!("{} {}\n{:#?}\n", head.method, head.uri, head.headers)))
        });
        tokio::spawn(
            http1::Builder::new().serve_connection(TokioIo::new(socket), TowerToHyperService::new(service)),
        );
    }
}
