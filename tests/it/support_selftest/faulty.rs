//! The faulty upstream fails as and when it is told to, and counts correctly.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use tokio::net::TcpStream;

use crate::support::ask::{Client, GET, POST, POST_CHUNKED, Protocol};
use crate::support::body::BodyEnd;
use crate::support::faulty::{FaultyUpstream, HEALTH, Mode};
use crate::support::load::ID;
use crate::support::raw::{Closed, RawClient};

#[tokio::test]
async fn it_answers_and_counts_all_but_probes() {
    let upstream = FaultyUpstream::start(Mode::Normal).await;
    let hello = format!("hello from upstream {}\n", upstream.addr().port());
    let mut client = Client::connect(Protocol::Http1, upstream.addr()).await;
    let begun = Instant::now();
    for (shape, id) in [(GET, "7"), (POST, "8"), (POST_CHUNKED, "9")] {
        let answer = client.ask_with(shape, "/x", &[(ID, id)]).await.unwrap();
        assert_eq!((answer.status, answer.text(), answer.is_complete), (200, hello.clone(), true));
    }
    let between = Instant::now();
    assert_eq!(client.ask(GET, HEALTH).await.unwrap().status, 200);
    assert_eq!(client.ask(GET, "/").await.unwrap().status, 200);
    let arrivals = upstream.arrivals();
    let arrivals: Vec<_> = arrivals.iter().map(|arrival| (arrival.method.as_str(), arrival.id)).collect();
    assert_eq!(arrivals, [("GET", Some(7)), ("POST", Some(8)), ("POST", Some(9)), ("GET", None)]);
    let counts = [begun..between, between..Instant::now()].map(|time| upstream.count(&time));
    assert_eq!(counts, [3, 1]);
}

#[tokio::test]
async fn it_turns_while_connections_are_open() {
    let upstream = FaultyUpstream::start(Mode::Normal).await;
    let mut client = RawClient::connect(upstream.addr()).await;
    assert_eq!(client.get("/").await.status(), 200);
    upstream.turn(Mode::Status(503));
    assert_eq!(client.get("/").await.status(), 503);
    assert_eq!(client.get(HEALTH).await.status(), 503);
    let latency = Duration::from_millis(30);
    upstream.turn(Mode::Latency(latency));
    let asked = Instant::now();
    assert_eq!(client.get("/").await.status(), 200);
    assert!(asked.elapsed() >= latency);
}

#[tokio::test]
async fn it_hangs_until_it_is_closed() {
    let mut upstream = FaultyUpstream::start(Mode::Hang).await;
    let mut hanging = RawClient::connect(upstream.addr()).await;
    hanging.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n").await;
    upstream.wait_for(1).await;
    upstream.turn(Mode::Normal);
    assert_eq!(RawClient::connect(upstream.addr()).await.get("/").await.status(), 200);
    upstream.close().await;
    assert_eq!(hanging.expect_close().await, Closed::Fin);
}

#[tokio::test]
async fn it_resets_in_the_middle_of_a_body() {
    let upstream = FaultyUpstream::start(Mode::ResetMidBody).await;
    let response = RawClient::connect(upstream.addr()).await.get("/").await;
    assert_eq!((response.status(), response.body.end), (200, BodyEnd::Reset));
    assert!(response.body.text().starts_with("hello"), "{response:?}");
}

#[tokio::test]
async fn it_closes_and_opens_on_the_same_port() {
    let mut upstream = FaultyUpstream::start(Mode::Normal).await;
    let mut idle = RawClient::connect(upstream.addr()).await;
    assert_eq!(idle.get("/").await.status(), 200);
    upstream.close().await;
    idle.expect_close().await;
    let refused = TcpStream::connect(upstream.addr()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    upstream.open().await;
    assert_eq!(RawClient::connect(upstream.addr()).await.get("/").await.status(), 200);
    assert_eq!(upstream.arrivals().len(), 2);
}
