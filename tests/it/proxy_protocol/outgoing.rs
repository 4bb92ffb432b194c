//! `send_proxy`: what upstreams are told, and that no connection serves two clients.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::Request;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

use super::*;
use crate::support::gateway::TestGateway;
use crate::support::h2::{self, H2Client};
use crate::support::raw::Closed;
use crate::support::within;

fn config(upstream: SocketAddr, form: &str, more: &str) -> String {
    format!(
        "[pools.api]\nupstreams = [\"http://{upstream}\"]\nsend_proxy = \"{form}\"\n{more}\n\
         [routes.\"/\"]\npool = \"api\"\n"
    )
}

/// An upstream played by the test, and the gateway in front of it.
struct Pair {
    gateway: TestGateway,
    upstream: TcpListener,
}

impl Pair {
    async fn with(form: &str, more: &str) -> Self {
        let upstream = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gateway = TestGateway::start(&config(upstream.local_addr().unwrap(), form, more));
        Self { gateway, upstream }
    }

    async fn accept(&self) -> (Said, RawClient) {
        let (stream, _) = within("the gateway to connect", self.upstream.accept()).await.unwrap();
        let mut connection = RawClient::over(stream);
        (header(&mut connection).await, connection)
    }
}

async fn head(connection: &mut RawClient) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.extend(connection.bytes(1).await);
    }
    String::from_utf8(head).unwrap()
}

const GET: &str = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

#[tokio::test]
async fn each_client_has_a_connection_of_its_own_which_begins_with_its_address() {
    for form in ["v1", "v2"] {
        let pair = Pair::with(form, "").await;
        let mut one = RawClient::connect(pair.gateway.addr).await;
        one.send(GET).await;
        let (said, mut ones) = pair.accept().await;
        assert_eq!(said, Some((one.local_addr(), pair.gateway.addr)), "{form}");
        assert!(
            head(&mut ones).await.starts_with("GET / HTTP/1.1\r\n"),
            "behind the header comes the request"
        );
        ones.send(OK).await;
        assert_eq!(one.response().await.text(), "ok");

        let mut other = RawClient::connect(pair.gateway.addr).await;
        other.send(GET).await;
        let (said, mut others) = pair.accept().await;
        assert_eq!(said, Some((other.local_addr(), pair.gateway.addr)), "the idle one isn't its own");
        head(&mut others).await;
        others.send(OK).await;
        assert_eq!(other.response().await.text(), "ok");

        // The next request of a client goes on its connection.
        one.send(GET).await;
        head(&mut ones).await;
        ones.send(OK).await;
        assert_eq!(one.response().await.text(), "ok");

        drop(one);
        assert_eq!(ones.rest().await.1, Closed::Fin, "it ends with its client");
    }
}

/// Over HTTP/2 a client may have several requests at a time.
#[tokio::test]
async fn requests_at_the_same_time_have_connections_with_the_same_address() {
    let pair = Pair::with("v2", "").await;
    let client = H2Client::connect(pair.gateway.addr).await;
    let asks = [client.also(), client.also()].map(|mut client| {
        tokio::spawn(async move {
            let request = Request::get("http://test/").body(h2::empty()).unwrap();
            h2::collect(client.send(request).await.unwrap()).await.body
        })
    });
    let [(one, mut first), (other, mut second)] = [pair.accept().await, pair.accept().await];
    assert!(one.is_some() && one == other, "{one:?} {other:?}");
    for upstream in [&mut first, &mut second] {
        head(upstream).await;
        upstream.send(OK).await;
    }
    for ask in asks {
        assert_eq!(ask.await.unwrap(), b"ok");
    }
}

#[tokio::test]
async fn a_tunnel_begins_with_it_too() {
    let pair = Pair::with("v2", "").await;
    let mut client = RawClient::connect(pair.gateway.addr).await;
    client.send("GET / HTTP/1.1\r\nHost: test\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n").await;
    let (said, mut upstream) = pair.accept().await;
    assert_eq!(said, Some((client.local_addr(), pair.gateway.addr)));
    head(&mut upstream).await;
    upstream
        .send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhi")
        .await;
    assert_eq!(client.response_head("GET").await.status(), 101);
    assert_eq!(client.bytes(2).await, b"hi");
}

/// A probe is the gateway's own request.
#[tokio::test]
async fn probes_speak_for_the_gateway() {
    for form in ["v1", "v2"] {
        let pair = Pair::with(form, "health = { path = \"/healthz\", interval = \"100ms\" }").await;
        let (said, mut probe) = pair.accept().await;
        assert_eq!(said, None, "{form}");
        assert!(head(&mut probe).await.starts_with("GET /healthz "));
    }
}

/// A proxy in front sends the requests of many over one connection. That they come from it is all that a connection can
/// say; who they are is in `X-Forwarded-For`.
#[tokio::test]
async fn a_trusted_proxys_connection_has_its_address() {
    let upstream = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config =
        format!("trusted_proxies = [\"127.0.0.1\"]\n{}", config(upstream.local_addr().unwrap(), "v2", ""));
    let pair = Pair { gateway: TestGateway::start(&config), upstream };
    let mut proxy = RawClient::connect(pair.gateway.addr).await;
    proxy.send("GET / HTTP/1.1\r\nHost: test\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n").await;
    let (said, mut upstream) = pair.accept().await;
    assert_eq!(said, Some((proxy.local_addr(), pair.gateway.addr)));
    assert!(head(&mut upstream).await.contains("\r\nx-forwarded-for: 192.0.2.1, 127.0.0.1\r\n"));
}

/// Answers each request with the address of the header that its connection began with, and counts the connections.
async fn telling(upstream: TcpListener, connections: Arc<AtomicUsize>) {
    while let Ok((stream, _)) = upstream.accept().await {
        connections.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(async move {
            let mut lines = BufReader::new(stream);
            let mut line = String::new();
            lines.read_line(&mut line).await?;
            let fields: Vec<&str> = line.split(' ').collect();
            let told = format!("{}:{}", fields[2], fields[4]);
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{told}", told.len());
            loop {
                let mut line = String::new();
                if lines.read_line(&mut line).await? == 0 {
                    return Ok::<(), std::io::Error>(());
                }
                if line == "\r\n" {
                    lines.write_all(answer.as_bytes()).await?;
                }
            }
        });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_are_never_mixed_up() {
    const CLIENTS: usize = 40;
    const REQUESTS: usize = 25;
    let upstream = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config = config(upstream.local_addr().unwrap(), "v1", "");
    let connections = Arc::new(AtomicUsize::new(0));
    tokio::spawn(telling(upstream, Arc::clone(&connections)));
    let gateway = TestGateway::on_workers(2, &config, |gateway| gateway);
    let addr = gateway.addr;
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            tokio::spawn(async move {
                let mut client = RawClient::connect(addr).await;
                for _ in 0..REQUESTS {
                    assert_eq!(client.get("/").await.text(), client.local_addr().to_string());
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for client in clients {
        client.await.unwrap();
    }
    assert_eq!(connections.load(Ordering::Relaxed), CLIENTS, "and each has its connection for all of them");
}
