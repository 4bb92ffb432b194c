//! Handshakes that take long, that are many, or that never end.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::support::{Authority, Edge, ONE};
use crate::support::within;

async fn edge(head: &str) -> (Authority, Edge) {
    let authority = Authority::new();
    authority.issue("a", &["a.example"]);
    let edge = Edge::start_with(&authority, ONE, head).await;
    (authority, edge)
}

/// A client's first message, as rustls makes it.
fn hello(authority: &Authority) -> Vec<u8> {
    let config = authority.client().config();
    let mut session = rustls::ClientConnection::new(config, "a.example".try_into().unwrap()).unwrap();
    let mut bytes = Vec::new();
    session.write_tls(&mut bytes).unwrap();
    bytes
}

async fn sends(addr: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut client = within("a connection", TcpStream::connect(addr)).await.unwrap();
    client.write_all(bytes).await.unwrap();
    client
}

#[tokio::test]
async fn a_handshake_has_a_deadline() {
    let (authority, edge) = edge("[timeouts]\nrequest_head = \"300ms\"").await;
    let hello = hello(&authority);
    for sent in [&b""[..], &hello[..1], &hello[..hello.len() - 1], &hello] {
        let (mut client, began) = (sends(edge.addr, sent).await, Instant::now());
        let _answer = within("the end", client.read_to_end(&mut Vec::new())).await;
        assert!(began.elapsed() >= Duration::from_millis(250), "{} bytes", sent.len());
    }
}

#[tokio::test]
async fn what_is_no_tls_ends_at_once() {
    let (authority, edge) = edge("").await;
    let garbage = [&[22, 3, 1, 0, 5][..], b"\x01\0\0\x01\0"].concat();
    for sent in [&garbage[..], &[22, 9, 9, 9, 9, 9], &[0x80, 0x2e, 1, 0, 2], &[0; 64]] {
        let mut client = sends(edge.addr, sent).await;
        let mut answer = Vec::new();
        within("the end", client.read_to_end(&mut answer)).await.unwrap();
        // A fatal alert, or nothing.
        assert!(answer.is_empty() || answer[0] == 21 && answer[5] == 2, "{sent:?}: {answer:?}");
    }
    authority.client().connect(edge.addr, "a.example").await.unwrap().get(&[]).await;
}

#[tokio::test]
async fn only_so_many_are_under_way_at_once() {
    let (authority, edge) = edge("workers = 1\n[limits]\nhandshakes = 2").await;
    let hello = hello(&authority);
    let first = sends(edge.addr, &hello[..1]).await;
    let _second = sends(edge.addr, &hello[..1]).await;
    let mut third = Box::pin(authority.client().connect(edge.addr, "a.example"));
    let early = tokio::time::timeout(Duration::from_millis(200), &mut third).await;
    assert!(early.is_err(), "there was no place for a third");
    drop(first);
    third.await.unwrap().get(&[]).await;
}

/// All of them are answered, and so is a connection that is open already. That it doesn't wait for all of them is a test
/// of the code that gives them their turns.
#[tokio::test]
async fn many_handshakes_at_once_are_done() {
    let (authority, edge) = edge("workers = 1").await;
    let mut kept = authority.client().connect(edge.addr, "a.example").await.unwrap();
    kept.get(&[]).await;
    let hello = hello(&authority);
    let mut flood = Vec::new();
    for _ in 0..300 {
        flood.push(sends(edge.addr, &hello).await);
    }
    kept.get(&[]).await;
    for client in &mut flood {
        within("a first answer", client.read_exact(&mut [0; 5])).await.unwrap();
    }
}
