//! Bodies of a quarter of a GiB, in both directions.

use std::future::Future;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{MIB, Peak, Separate, demo};
use crate::support::h2 as http2;
use crate::support::pattern::{Pattern, skip_head};
use crate::support::within;

const SIZE: usize = 256 << 20;
/// How much the gateway may grow during the transfer.
const GROWTH: u64 = 16 * MIB;
/// Long enough for unoptimized code on a busy machine.
const LONG: Duration = Duration::from_secs(120);

async fn measure<F: Future>(what: &str, transfer: impl FnOnce(SocketAddr) -> F) {
    let (_backend, upstream) = demo().await;
    let gateway = Separate::before(upstream).await;
    let before = gateway.rss();
    let peak = Peak::watch(gateway.process.pid());
    let began = Instant::now();
    tokio::time::timeout(LONG, transfer(gateway.addr)).await.unwrap();
    let took = began.elapsed();
    let grown = peak.seen() - before;
    println!("{what}: {took:?}, {:.1} MiB more than {:.1}", mib(grown), mib(before));
    assert!(grown < GROWTH, "{what}: grew by {:.1} MiB", mib(grown));
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / MIB as f64
}

async fn connected(gateway: SocketAddr, head: String) -> TcpStream {
    let mut client = within("a connection", TcpStream::connect(gateway)).await.unwrap();
    client.write_all(head.as_bytes()).await.unwrap();
    client
}

/// What the demo upstream sends from `/bytes`.
fn pattern() -> Pattern {
    Pattern::new(251)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn down() {
    measure("down", |gateway| async move {
        let get = format!("GET /bytes/{SIZE} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        let mut client = connected(gateway, get).await;
        assert!(skip_head(&mut client).await.contains(&format!("content-length: {SIZE}\r\n")));
        pattern().expect(&mut client, SIZE).await;
    })
    .await;
}

/// Chunked, so that the gateway doesn't know the length beforehand.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn up() {
    const ECHOED: usize = 1 << 20;
    measure("up", |gateway| async move {
        let post =
            "POST /sink HTTP/1.1\r\nHost: test\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
        let (mut reader, mut writer) = connected(gateway, post.to_owned()).await.into_split();
        let sending = tokio::spawn(async move {
            let chunk = [b"10000\r\n", pattern().piece(0, 0x10000), b"\r\n"].concat();
            for _ in 0..SIZE / 0x10000 {
                writer.write_all(&chunk).await.unwrap();
            }
            writer.write_all(b"0\r\n\r\n").await.unwrap();
            writer
        });
        let mut answer = Vec::new();
        reader.read_to_end(&mut answer).await.unwrap();
        sending.await.unwrap();
        let received = format!("and {} more bytes", SIZE - ECHOED);
        let end = String::from_utf8_lossy(&answer[answer.len() - 100..]);
        assert!(end.contains(&received) && end.ends_with("0\r\n\r\n"), "{end}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn up_and_down_at_once() {
    measure("both ways", |gateway| async move {
        let post = format!(
            "POST /echo HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: {SIZE}\r\n\r\n"
        );
        let (mut reader, mut writer) = connected(gateway, post).await.into_split();
        let sending = tokio::spawn(async move {
            pattern().write(&mut writer, SIZE).await;
            // The sending side stays open: the gateway takes a client that closes it for one that has left.
            writer
        });
        skip_head(&mut reader).await;
        pattern().expect(&mut reader, SIZE).await;
        sending.await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn down_over_http2() {
    const SIZE: usize = 64 << 20;
    measure("down over HTTP/2", |gateway| async move {
        let (requests, _connection) = http2::raw(gateway).await;
        let mut requests = within("a stream", requests.ready()).await.unwrap();
        let request = http::Request::get(format!("http://test/bytes/{SIZE}")).body(()).unwrap();
        let (response, _) = requests.send_request(request, true).unwrap();
        let mut body = within("a head", response).await.unwrap().into_body();
        let (pattern, mut at) = (pattern(), 0);
        while let Some(data) = within("data", body.data()).await {
            let data = data.unwrap();
            assert!(data == pattern.piece(at, data.len()), "changed after {at} bytes");
            at += data.len();
            body.flow_control().release_capacity(data.len()).unwrap();
        }
        assert_eq!(at, SIZE);
    })
    .await;
}
