//! Upstreams that are gone without closing the connection, or seem to be.

use proxy_service::{ErrorKind, Timeouts};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::failures::asking;
use super::upstream::{Bare, read_frame, read_head};
use super::*;

/// Longer than what counts as a long silence.
const LONG: Duration = Duration::from_millis(1100);
const PING: u8 = 6;
const ACK: u8 = 1;

fn impatient(client: ClientBuilder, bare: &Bare) -> Proxy {
    let timeouts = Timeouts { response_head: LONG, ..Timeouts::default() };
    ProxyLayer::new(bare.target().parse().unwrap()).timeouts(timeouts).layer(client.build())
}

async fn read_ping(stream: &mut TcpStream) -> Vec<u8> {
    loop {
        let frame = read_frame(stream).await;
        if frame.kind == PING && frame.flags & ACK == 0 {
            return frame.payload;
        }
    }
}

async fn answer_ping(stream: &mut TcpStream, payload: &[u8]) {
    let head = [0, 0, 8, PING, ACK, 0, 0, 0, 0];
    stream.write_all(&[&head, payload].concat()).await.unwrap();
}

#[tokio::test]
async fn after_one_unanswered_request_the_next_takes_another_connection_at_once() {
    let bare = Bare::start().await;
    let proxy = impatient(http2(), &bare);
    let given_up = asking(&proxy, get("/"));
    let mut silent = bare.accept_request().await;
    assert_eq!(given_up.await.unwrap(), Err((ErrorKind::HttpResponseTimeout, false)));
    let answer = asking(&proxy, get("/"));
    bare.accept_request().await.write_all(Bare::NO_CONTENT_1).await.unwrap();
    assert_eq!(answer.await.unwrap(), Ok(204));
    read_ping(&mut silent).await;
}

#[tokio::test]
async fn if_it_never_answers_the_ping_it_is_closed() {
    let bare = Bare::start().await;
    // The client sends no PING by itself in this time, but waits this long for the answer to one.
    let client = http2().http2_keep_alive(Duration::from_secs(3600), Duration::from_millis(50));
    let proxy = impatient(client, &bare);
    let given_up = asking(&proxy, get("/"));
    let mut silent = bare.accept_request().await;
    assert_eq!(given_up.await.unwrap(), Err((ErrorKind::HttpResponseTimeout, false)));
    read_ping(&mut silent).await;
    within("the end", silent.read_to_end(&mut Vec::new())).await.unwrap();
    assert_eq!(proxy.connections().open, 0);
}

#[tokio::test]
async fn once_it_has_answered_the_ping_it_gets_requests_again() {
    let bare = Bare::start().await;
    let proxy = impatient(http2(), &bare);
    let given_up = asking(&proxy, get("/"));
    let mut slow = bare.accept_request().await;
    assert_eq!(given_up.await.unwrap(), Err((ErrorKind::HttpResponseTimeout, false)));
    let ping = read_ping(&mut slow).await;
    answer_ping(&mut slow, &ping).await;
    // Once the client has answered this PING, it has read the answer to its own.
    slow.write_all(&[0, 0, 8, PING, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]).await.unwrap();
    while read_frame(&mut slow).await.kind != PING {}
    let answer = asking(&proxy, get("/"));
    read_head(&mut slow).await;
    slow.write_all(Bare::NO_CONTENT_3).await.unwrap();
    assert_eq!(answer.await.unwrap(), Ok(204));
    assert_eq!(proxy.connections().created, 1);
}

/// Clients that leave early say little about an upstream. After three in a row the connection is checked with a PING.
#[tokio::test]
async fn of_short_requests_it_takes_three() {
    let bare = Bare::start().await;
    let proxy = proxy(http2(), &bare.target());
    let mut silent = None;
    for _ in 0..3 {
        let given_up = asking(&proxy, get("/"));
        match &mut silent {
            Some(stream) => read_head(stream).await,
            None => silent = Some(bare.accept_request().await),
        }
        given_up.abort();
        assert!(given_up.await.unwrap_err().is_cancelled());
    }
    let answer = asking(&proxy, get("/"));
    bare.accept_request().await.write_all(Bare::NO_CONTENT_1).await.unwrap();
    assert_eq!(answer.await.unwrap(), Ok(204));
    read_ping(&mut silent.unwrap()).await;
}

/// The upstream has sent something about another request.
#[tokio::test]
async fn an_upstream_that_is_heard_of_is_not_asked() {
    let bare = Bare::start().await;
    let proxy = impatient(http2(), &bare);
    let given_up = asking(&proxy, get("/"));
    let mut stream = bare.accept_request().await;
    let answer = asking(&proxy, get("/"));
    read_head(&mut stream).await;
    stream.write_all(Bare::NO_CONTENT_3).await.unwrap();
    assert_eq!(answer.await.unwrap(), Ok(204));
    assert_eq!(given_up.await.unwrap(), Err((ErrorKind::HttpResponseTimeout, false)));
    let answer = asking(&proxy, get("/"));
    loop {
        let frame = read_frame(&mut stream).await;
        assert_ne!(frame.kind, PING);
        if frame.kind == 1 {
            break;
        }
    }
    stream.write_all(&[0, 0, 1, 1, 5, 0, 0, 0, 5, 0x89]).await.unwrap();
    assert_eq!(answer.await.unwrap(), Ok(204));
}

#[tokio::test]
async fn a_silent_upstream_is_pinged_and_given_up_if_asked_for() {
    let bare = Bare::start().await;
    let client = http2().http2_keep_alive(Duration::from_millis(50), Duration::from_millis(50));
    let proxy = proxy(client, &bare.target());
    let answer = asking(&proxy, post("abc"));
    let mut silent = bare.accept_request().await;
    read_ping(&mut silent).await;
    assert_eq!(answer.await.unwrap(), Err((ErrorKind::ConnectionTerminated, false)));
}

#[tokio::test]
async fn one_that_answers_its_pings_is_waited_for() {
    let bare = Bare::start().await;
    let client = http2().http2_keep_alive(Duration::from_millis(30), Duration::from_secs(5));
    let proxy = proxy(client, &bare.target());
    let answer = asking(&proxy, post("abc"));
    let mut slow = bare.accept_request().await;
    for _ in 0..5 {
        let ping = read_ping(&mut slow).await;
        answer_ping(&mut slow, &ping).await;
    }
    slow.write_all(Bare::NO_CONTENT_1).await.unwrap();
    assert_eq!(answer.await.unwrap(), Ok(204));
}
