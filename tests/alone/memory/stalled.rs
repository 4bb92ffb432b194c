//! A peer that reads nothing: the sender is stopped, and the gateway holds next to nothing of what was sent.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::sockets::in_kernel;
use super::{MIB, Separate};
use crate::support::h2 as http2;
use crate::support::pattern::skip_head;
use crate::support::within;

/// How much of one body the gateway may hold itself, besides what is in the kernel's sockets.
const HELD: u64 = MIB / 2;
/// If nothing was taken for this long, nothing more will be taken.
const QUIET: Duration = Duration::from_millis(700);
/// More than any kernel buffers: if this much is taken, there is no backpressure.
const TOO_MUCH: u64 = 128 * MIB;

/// Sends until no more is taken, and returns how many bytes were.
async fn fill(stream: &TcpStream) -> u64 {
    let piece = [b'x'; 64 << 10];
    let mut taken = 0;
    while tokio::time::timeout(QUIET, stream.writable()).await.is_ok() {
        match stream.try_write(&piece) {
            Ok(count) => taken += count as u64,
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock, "{error}"),
        }
        assert!(taken < TOO_MUCH, "no backpressure: {taken} bytes and no end");
    }
    taken
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    (listener, addr)
}

/// Accepts the next request's connection and reads the request's head.
async fn asked(listener: &TcpListener) -> TcpStream {
    let (mut stream, _) = within("the gateway to connect", listener.accept()).await.unwrap();
    skip_head(&mut stream).await;
    stream
}

async fn answering(listener: &TcpListener) -> TcpStream {
    let mut stream = asked(listener).await;
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n").await.unwrap();
    stream
}

fn check(what: &str, taken: u64, kernel: u64) {
    let held = taken.saturating_sub(kernel);
    println!("{what}: {taken} bytes were taken, {kernel} are in sockets, {held} in the gateway");
    assert!(kernel > 0, "{what}: nothing is waiting, so nobody has stalled");
    assert!(held <= HELD, "{what}: the gateway holds {held} bytes");
}

#[tokio::test]
async fn a_client_that_reads_nothing_stops_the_upstream() {
    let (listener, upstream) = listen().await;
    let gateway = Separate::before(upstream).await;
    let mut client = TcpStream::connect(gateway.addr).await.unwrap();
    client.write_all(b"GET /x HTTP/1.1\r\nHost: test\r\n\r\n").await.unwrap();
    let sending = answering(&listener).await;
    let taken = fill(&sending).await;
    check("download", taken, in_kernel(upstream) + in_kernel(gateway.addr));
}

#[tokio::test]
async fn an_http2_client_that_reads_nothing_stops_the_upstream() {
    let (listener, upstream) = listen().await;
    let gateway = Separate::before(upstream).await;
    let (requests, _connection) = http2::raw(gateway.addr).await;
    let mut requests = within("a stream", requests.ready()).await.unwrap();
    let (_response, _) =
        requests.send_request(http::Request::get("http://test/x").body(()).unwrap(), true).unwrap();
    let sending = answering(&listener).await;
    let taken = fill(&sending).await;
    // The client's own window lets 64 KiB come as far as its memory. These are counted as the gateway's.
    check("HTTP/2 download", taken, in_kernel(upstream) + in_kernel(gateway.addr));
}

#[tokio::test]
async fn an_upstream_that_reads_nothing_stops_the_client() {
    let (listener, upstream) = listen().await;
    let gateway = Separate::before(upstream).await;
    let mut client = TcpStream::connect(gateway.addr).await.unwrap();
    let head = b"POST /x HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000000000\r\n\r\n";
    client.write_all(head).await.unwrap();
    let _reads_nothing = asked(&listener).await;
    let taken = fill(&client).await;
    check("upload", taken, in_kernel(upstream) + in_kernel(gateway.addr));
}

/// Fifty at once: each costs a bounded amount, and no more the longer it stays.
#[tokio::test]
async fn many_stalled_readers_cost_little() {
    const READERS: usize = 50;
    let (listener, upstream) = listen().await;
    let gateway = Separate::before(upstream).await;
    let before = gateway.rss();
    let (mut clients, mut filling) = (Vec::new(), JoinSet::new());
    for _ in 0..READERS {
        let mut client = TcpStream::connect(gateway.addr).await.unwrap();
        client.write_all(b"GET /x HTTP/1.1\r\nHost: test\r\n\r\n").await.unwrap();
        clients.push(client);
        let sending = answering(&listener).await;
        filling.spawn(async move {
            fill(&sending).await;
            sending
        });
    }
    let upstreams = filling.join_all().await;
    let stalled = gateway.rss();
    tokio::time::sleep(QUIET).await;
    let later = gateway.rss();
    let each = (stalled - before) / READERS as u64;
    println!(
        "{READERS} stalled readers: {each} bytes of memory each, then {} more in all",
        later.saturating_sub(stalled)
    );
    assert!(each <= HELD, "{each} bytes each");
    assert!(later <= stalled + MIB, "still growing: {before}, {stalled}, {later}");

    // Once the clients are gone, the upstreams' connections are closed too, so that no upstream waits in vain.
    drop(clients);
    for upstream in upstreams {
        within("an upstream to be let go", async {
            while upstream.writable().await.is_ok() && upstream.try_write(b"x").is_ok() {}
        })
        .await;
    }
}
