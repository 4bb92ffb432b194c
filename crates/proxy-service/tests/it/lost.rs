//! An upstream whose connections end after an answer or two, just as the next request is sent: each request is
//! answered.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Empty};
use proxy_service::{CatchErrorLayer, Client, ProxyService, Target, client};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tower::{ServiceBuilder, ServiceExt};

const CLIENTS: usize = 64;
/// A client that hands its requests to a task for each connection loses one in 20 000 to 100 000 here
/// (hyperium/hyper#4122).
const LENGTH: Duration = Duration::from_secs(3);
/// Less than `response_head`, which would end the wait for a lost request.
const PATIENCE: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_request_waits_for_a_connection_that_has_ended() {
    let target: Target = format!("http://{}", upstream().await).parse().unwrap();
    let client = client();
    let end = Instant::now() + LENGTH;
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        clients.spawn(ask_until(end, target.clone(), client.clone()));
    }
    let slowest = clients.join_all().await.into_iter().max().unwrap();
    assert!(slowest < PATIENCE, "{slowest:?}");
}

/// The longest time that an answer took.
async fn ask_until(end: Instant, target: Target, client: Client<Empty<Bytes>>) -> Duration {
    let proxy =
        ServiceBuilder::new().layer(CatchErrorLayer::new()).service(ProxyService::new(target, client));
    let mut slowest = Duration::ZERO;
    while Instant::now() < end {
        let request = Request::get("/").header("host", "shop.example").body(Empty::new()).unwrap();
        let begun = Instant::now();
        let answer = proxy.clone().oneshot(request).await.unwrap();
        slowest = slowest.max(begun.elapsed());
        let _cut_short_by_the_end = answer.into_body().collect().await;
    }
    slowest
}

async fn upstream() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for answers in (1..=2).cycle() {
            let (socket, _) = listener.accept().await.unwrap();
            tokio::spawn(answer(socket, answers));
        }
    });
    addr
}

async fn answer(mut socket: TcpStream, times: usize) {
    let mut head = [0; 2048];
    for _ in 0..times {
        let Ok(1..) = socket.read(&mut head).await else { return };
        if socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.is_err() {
            return;
        }
    }
    tokio::task::yield_now().await;
}
