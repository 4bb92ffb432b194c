//! How connections are closed, and what the client sees of it.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gateway::serve::{Limits, Linger};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinSet;

use super::limits::assert_status;
use super::support::*;

const UPLOAD: usize = 10 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_before_the_body_was_read_reaches_the_client() {
    const UPLOADS: usize = 1000;
    const AT_A_TIME: usize = 16;
    let served = Arc::new(start(Limits::default()).await);
    let mut seen = 0;
    let mut uploads = JoinSet::new();
    for started in 0..UPLOADS + AT_A_TIME {
        if started >= AT_A_TIME {
            seen += usize::from(uploads.join_next().await.unwrap().unwrap());
        }
        if started < UPLOADS {
            uploads.spawn(sees_the_status(Arc::clone(&served)));
        }
    }
    assert!(seen >= 999, "only {seen} of {UPLOADS} saw the status");
}

/// A client that sends everything before it reads anything, and stops when it cannot send.
async fn sees_the_status(served: Arc<Served>) -> bool {
    static PIECE: [u8; 256 * 1024] = [b'x'; 256 * 1024];
    let mut client = served.connect().await;
    let head = format!("POST /refuse HTTP/1.1\r\nHost: a\r\nContent-Length: {UPLOAD}\r\n\r\n");
    client.write_all(head.as_bytes()).await.unwrap();
    for _ in 0..UPLOAD / PIECE.len() {
        if client.write_all(&PIECE).await.is_err() {
            return false;
        }
    }
    let mut status = [0; 12];
    client.read_exact(&mut status).await.is_ok() && status == *b"HTTP/1.1 403"
}

#[tokio::test]
async fn an_answer_to_a_bad_head_reaches_a_client_that_sends_on() {
    let served = start(Limits::default()).await;
    let mut client = served.connect().await;
    client.write_all(b"GET / HTTP/9.9\r\n\r\n").await.unwrap();
    client.write_all(&vec![b'x'; UPLOAD]).await.unwrap();
    client.shutdown().await.unwrap();
    assert_status(505, &read_to_end(&mut client).await);
}

#[tokio::test]
async fn an_ordinary_close_does_not_linger() {
    let limits = Limits {
        connections: 1,
        linger: Linger { idle: Duration::from_secs(3600), ..Linger::default() },
        ..Limits::default()
    };
    let served = start(limits).await;
    let since = Instant::now();
    let mut open = Vec::new();
    for _ in 0..20 {
        let mut client = served.connect().await;
        client.write_all(get_and_close("/a").as_bytes()).await.unwrap();
        assert_status(200, &read_to_end(&mut client).await);
        open.push(client);
    }
    assert!(since.elapsed() < Duration::from_secs(2), "{:?}", since.elapsed());
}

#[tokio::test]
async fn lingering_ends_without_a_byte() {
    let limits = Limits {
        connections: 1,
        linger: Linger { idle: millis(300), ..Linger::default() },
        ..Limits::default()
    };
    let served = start(limits).await;
    let mut uploader = served.connect().await;
    let head = "POST /refuse HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n";
    assert_status(403, &ask(&mut uploader, head, "no").await);
    let since = Instant::now();
    assert_status(200, &served.exchange(get_and_close("/a")).await);
    assert!(since.elapsed() > millis(200) && since.elapsed() < millis(1500), "{:?}", since.elapsed());
}

#[tokio::test]
async fn lingering_ends_under_a_drip() {
    let limits = Limits {
        connections: 1,
        linger: Linger { total: millis(500), ..Linger::default() },
        ..Limits::default()
    };
    let served = start(limits).await;
    let mut uploader = served.connect().await;
    let head = "POST /refuse HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n";
    assert_status(403, &ask(&mut uploader, head, "no").await);
    let since = Instant::now();
    let drip = tokio::spawn(async move {
        let mut drops = tokio::time::interval(millis(50));
        while uploader.write_all(b"x").await.is_ok() {
            drops.tick().await;
        }
    });
    assert_status(200, &served.exchange(get_and_close("/a")).await);
    assert!(since.elapsed() > millis(400) && since.elapsed() < millis(2000), "{:?}", since.elapsed());
    within_patience(drip).await.unwrap();
}

#[tokio::test]
async fn a_request_ends_with_its_client() {
    let served = start(Limits::default()).await;
    let mut client = served.connect().await;
    client.write_all(get("/wait").as_bytes()).await.unwrap();
    happened(&served.app.waiting, 1).await;
    let since = Instant::now();
    drop(client);
    happened(&served.app.dropped, 1).await;
    assert!(since.elapsed() < Duration::from_secs(1), "{:?}", since.elapsed());
}

#[tokio::test]
async fn a_cut_answer_never_looks_whole() {
    let served = start(Limits::default()).await;
    let mut old = served.connect().await;
    old.write_all(b"GET /cut HTTP/1.0\r\n\r\n").await.unwrap();
    let error = within_patience(old.read_to_end(&mut Vec::new())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);

    let answer = served.exchange(get("/cut")).await;
    assert!(answer.ends_with("4\r\nsome\r\n") && !answer.contains("\r\n0\r\n"), "{answer}");
}

#[tokio::test]
async fn a_whole_answer_to_http_1_0_ends_well() {
    let served = start(Limits::default()).await;
    let answer = served.exchange("GET /fine HTTP/1.0\r\n\r\n").await;
    assert!(answer.ends_with("/fine"), "{answer}");
}

#[tokio::test]
async fn a_panic_costs_its_own_connection_only() {
    let served = start(Limits::default()).await;
    let mut bystander = served.connect().await;
    ask(&mut bystander, &get("/a"), "/a").await;
    assert_eq!(served.exchange(get("/panic")).await, "");
    ask(&mut bystander, &get("/b"), "/b").await;
    assert_status(200, &served.exchange(get_and_close("/c")).await);
}
