//! Tower layers between the proxy and the socket: a limit on requests at a time, a time limit, and a header for the
//! upstream.
//!
//! The proxy takes any service that takes requests as its client, so all of Tower's layers fit there. Their errors
//! keep their sources. A refused connection still becomes `connection_refused` at the top.

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request};
use http_body_util::{BodyExt, Empty};
use proxy_service::{CatchErrorLayer, Peer, ProxyLayer, RequestBody, Target, client};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tower::{ServiceBuilder, ServiceExt};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let target: Target = format!("http://{}", listener.local_addr()?).parse()?;

    let client = ServiceBuilder::new()
        .concurrency_limit(64)
        .timeout(Duration::from_secs(2))
        .map_request(|mut request: Request<RequestBody<Empty<Bytes>>>| {
            request.headers_mut().insert("x-zone", HeaderValue::from_static("eu-1"));
            request
        })
        .service(client());
    let proxy =
        ServiceBuilder::new().layer(CatchErrorLayer::new()).layer(ProxyLayer::new(target)).service(client);

    // A server puts the peer of its connection here: see `PeerLayer`.
    let peer = Peer::new("192.0.2.7:4711".parse()?);
    let request =
        || Request::get("/hello").header("host", "shop.example").extension(peer.clone()).body(Empty::new());
    let upstream = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await?;
        let mut head = vec![0; 1024];
        let read = socket.read(&mut head).await?;
        socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nhi\n").await?;
        head.truncate(read);
        Ok::<_, std::io::Error>(String::from_utf8_lossy(&head).into_owned())
    });
    let response = proxy.clone().oneshot(request()?).await?;
    println!("{}: {:?}", response.status(), response.into_body().collect().await?.to_bytes());
    println!("the upstream saw:\n{}", upstream.await??);

    let response = proxy.oneshot(request()?).await?;
    println!("and once it is gone: {} {:?}", response.status(), response.headers().get("proxy-status"));
    Ok(())
}
