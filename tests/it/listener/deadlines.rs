//! A connection ends by itself in every state, and in none too early.

use std::time::{Duration, Instant};

use gateway::serve::Limits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::support::*;
use crate::support::h2::{Frame, PREFACE};
use crate::support::raw::RawClient;

const HEAD: Duration = millis(400);
const IDLE: Duration = millis(1200);
/// How much a loaded machine may add.
const SLACK: Duration = millis(700);

fn limits() -> Limits {
    Limits { request_head: HEAD, keep_alive_idle: IDLE, write_stall: HEAD, ..Limits::default() }
}

#[tokio::test]
async fn a_silent_connection_is_closed() {
    let served = start(limits()).await;
    let mut client = served.connect().await;
    assert_closed_after(HEAD, &mut client, Instant::now()).await;
}

#[tokio::test]
async fn a_head_that_stops_is_closed() {
    for opening in ["GET / HTTP/1.1\r\nHost: a\r\n", "P", "PRI * HTTP/2.0\r\n\r\nSM\r\n"] {
        let served = start(limits()).await;
        let mut client = served.connect().await;
        let since = Instant::now();
        client.write_all(opening.as_bytes()).await.unwrap();
        assert_closed_after(HEAD, &mut client, since).await;
    }
}

#[tokio::test]
async fn a_drip_does_not_push_the_deadline_back() {
    let served = start(limits()).await;
    let mut client = served.connect().await;
    assert_drip_is_closed_after(HEAD, &mut client).await;
}

#[tokio::test]
async fn silence_before_the_first_head_is_taken_off_its_time() {
    let limits = Limits { request_head: millis(1000), ..limits() };
    let served = start(limits).await;
    let mut client = served.connect().await;
    let since = Instant::now();
    tokio::time::sleep(limits.request_head * 4 / 5).await;
    client.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    assert_closed_after(limits.request_head, &mut client, since).await;
}

#[tokio::test]
async fn a_later_head_has_as_long_as_the_first() {
    let served = start(limits()).await;
    let mut client = served.connect().await;
    ask(&mut client, &get("/a"), "/a").await;
    assert_drip_is_closed_after(HEAD, &mut client).await;
}

#[tokio::test]
async fn an_idle_connection_lives_longer_than_a_slow_head() {
    let served = start(limits()).await;
    let mut client = served.connect().await;
    ask(&mut client, &get("/a"), "/a").await;
    tokio::time::sleep(HEAD * 2).await;
    ask(&mut client, &get("/b"), "/b").await;
    assert_closed_after(IDLE, &mut client, Instant::now()).await;
}

#[tokio::test]
async fn a_request_in_flight_has_no_deadline_here() {
    let served = start(limits()).await;
    let mut client = served.connect().await;
    client.write_all(get("/wait").as_bytes()).await.unwrap();
    happened(&served.app.waiting, 1).await;
    tokio::time::sleep(IDLE + HEAD).await;
    served.app.go.add_permits(1);
    read_until(&mut client, "waited").await;
    assert_closed_after(IDLE, &mut client, Instant::now()).await;
}

#[tokio::test]
async fn an_idle_http2_connection_is_told_and_closed() {
    let served = start(limits()).await;
    let (requests, connection) = h2::client::handshake(served.connect().await).await.unwrap();
    let since = Instant::now();
    within_patience(connection).await.expect("GOAWAY without an error");
    assert_within(IDLE, since.elapsed());
    drop(requests);
}

#[tokio::test]
async fn an_http2_request_in_flight_has_no_deadline_here() {
    let served = start(limits()).await;
    let (mut requests, connection) = h2::client::handshake(served.connect().await).await.unwrap();
    let connection = tokio::spawn(connection);
    let uri = format!("http://{}/wait", served.address);
    let request = http::Request::get(uri).body(()).unwrap();
    let (answer, _) = requests.send_request(request, true).unwrap();
    happened(&served.app.waiting, 1).await;
    tokio::time::sleep(IDLE + HEAD).await;
    served.app.go.add_permits(1);
    assert_eq!(within_patience(answer).await.unwrap().status(), 200);
    within_patience(connection).await.unwrap().expect("GOAWAY without an error");
}

#[tokio::test]
async fn a_peer_that_does_not_read_is_given_up() {
    let served = start(limits()).await;
    let mut client = served.connect().await;
    client.write_all(get("/endless").as_bytes()).await.unwrap();
    happened(&served.app.dropped, 1).await;
}

#[tokio::test]
async fn a_peer_that_reads_slowly_is_not_given_up() {
    let served = start(limits()).await;
    let mut client = served.connect().await;
    client.write_all(get("/endless").as_bytes()).await.unwrap();
    let mut some = vec![0; 4 << 20];
    for _ in 0..8 {
        tokio::time::sleep(HEAD / 2).await;
        within_patience(client.read_exact(&mut some)).await.unwrap();
    }
    assert_eq!(served.app.dropped.available_permits(), 0);
    drop(client);
    happened(&served.app.dropped, 1).await;
}

/// Whether the rest of the upload comes or not: what counts is that the client reads.
#[tokio::test]
async fn an_answer_that_is_being_read_has_no_deadline_whatever_became_of_the_upload() {
    let limits = Limits { keep_alive_idle: HEAD / 4, ..limits() };
    for rest in ["", "o"] {
        let served = start(limits).await;
        let mut client = served.connect().await;
        let begun = "POST /endless HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhell";
        client.write_all(begun.as_bytes()).await.unwrap();
        let mut some = vec![0; 4 << 20];
        within_patience(client.read_exact(&mut some)).await.unwrap();
        client.write_all(rest.as_bytes()).await.unwrap();
        for _ in 0..8 {
            tokio::time::sleep(HEAD / 2).await;
            within_patience(client.read_exact(&mut some)).await.unwrap();
        }
        assert_eq!(served.app.dropped.available_permits(), 0, "{rest:?}");
    }
}

/// Hundreds of clients send nothing, stop in a head, or send one byte by byte: requests of others are answered all the
/// time, and these clients are disconnected.
#[tokio::test]
async fn slow_heads_hold_up_nobody_else() {
    const OF_EACH: usize = 100;
    let limits = Limits { request_head: millis(3000), ..limits() };
    let served = start(limits).await;
    let mut slow = tokio::task::JoinSet::new();
    for number in 0..3 * OF_EACH {
        let mut client = served.connect().await;
        slow.spawn(async move {
            let (mut reader, mut writer) = client.split();
            let dripping = async {
                if number % 3 > 0 {
                    let _may_be_closed = writer.write_all(b"GET / HTTP/1.1\r\nX: ").await;
                }
                while number % 3 == 2 && writer.write_all(b"x").await.is_ok() {
                    tokio::time::sleep(millis(100)).await;
                }
                std::future::pending().await
            };
            tokio::select! {
                _closed = within_patience(reader.read_u8()) => {}
                () = dripping => {}
            }
        });
    }
    let mut earnest = served.connect().await;
    let mut answers = 0;
    while !slow.is_empty() {
        let asked = Instant::now();
        ask(&mut earnest, &get("/ok"), "/ok").await;
        served.exchange(get_and_close("/ok")).await;
        assert!(asked.elapsed() < limits.request_head / 2, "waited for the slow: {:?}", asked.elapsed());
        answers += 1;
        while slow.try_join_next().is_some() {}
        tokio::time::sleep(millis(20)).await;
    }
    assert!(answers > 3, "{answers}");
}

async fn assert_drip_is_closed_after(limit: Duration, client: &mut TcpStream) {
    let since = Instant::now();
    let mut drops = tokio::time::interval(limit / 8);
    let head = get("/").into_bytes();
    let (mut reader, mut writer) = client.split();
    for byte in head.iter().cycle() {
        tokio::select! {
            closed = reader.read_u8() => {
                closed.unwrap_err();
                return assert_within(limit, since.elapsed());
            }
            _ = drops.tick() => {
                // No line ever ends, so the head never ends.
                let drop = if byte.is_ascii_control() { b'x' } else { *byte };
                let _ = writer.write_all(&[drop]).await;
            }
        }
        assert!(since.elapsed() < limit + SLACK, "still open");
    }
}

async fn assert_closed_after(limit: Duration, client: &mut TcpStream, since: Instant) {
    assert_eq!(read_to_end(client).await, "");
    assert_within(limit, since.elapsed());
}

#[track_caller]
fn assert_within(limit: Duration, elapsed: Duration) {
    // A small allowance, because two clocks were started one after the other.
    assert!(elapsed + millis(50) > limit && elapsed < limit + SLACK, "{elapsed:?} instead of {limit:?}");
}

#[tokio::test]
async fn a_window_that_is_never_opened_ends_its_stream_alone() {
    const NO_WINDOW: &[u8] = &[0, 4, 0, 0, 0, 0];
    const CANCEL: &[u8] = &[0, 0, 0, 8];
    let served = start(limits()).await;
    let mut client = RawClient::over(served.connect().await);
    client.send([PREFACE, &Frame::bytes(Frame::SETTINGS, 0, 0, NO_WINDOW)].concat()).await;
    // GETs of `/endless` and of `/`.
    client.send(request(1, &[0x82, 0x86, 0x04, 8, b'/', b'e', b'n', b'd', b'l', b'e', b's', b's'])).await;
    let reset = next(&mut client, Frame::RST_STREAM).await;
    assert_eq!((reset.stream, &*reset.payload), (1, CANCEL));
    happened(&served.app.dropped, 1).await;
    client.send(request(3, &[0x82, 0x86, 0x84])).await;
    assert_eq!(next(&mut client, Frame::HEADERS).await.stream, 3);
}

fn request(stream: u32, head: &[u8]) -> Vec<u8> {
    Frame::bytes(Frame::HEADERS, Frame::END_HEADERS | Frame::END_STREAM, stream, head)
}

async fn next(client: &mut RawClient, kind: u8) -> Frame {
    loop {
        let frame = Frame::read(client).await;
        if frame.kind == kind {
            return frame;
        }
    }
}
