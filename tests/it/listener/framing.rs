//! A body whose length is announced twice, and other versions of HTTP.

use gateway::serve::Limits;
use tokio::io::AsyncWriteExt as _;

use super::limits::assert_status;
use super::support::*;

const TWICE: [&str; 4] = [
    "Content-Length: 2\r\nContent-Length: 2\r\n\r\nab",
    "Content-Length: 2, 2\r\n\r\nab",
    "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
];

#[tokio::test]
async fn two_framings_are_refused_and_the_connection_ends() {
    for fields in TWICE {
        let served = start(Limits::default()).await;
        let request = format!("POST /echo HTTP/1.1\r\nHost: a\r\n{fields}");
        let answer = served.exchange(request + &get("/smuggled")).await;
        assert_status(400, &answer);
        assert!(answer.contains("connection: close") && !answer.contains("/smuggled"), "{answer}");
    }
}

#[tokio::test]
async fn a_later_request_is_refused_and_the_ones_before_it_are_not() {
    let served = start(Limits::default()).await;
    let mut client = served.connect().await;
    for body in ["Content-Length: 2\r\n\r\nok", "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"] {
        ask(&mut client, &format!("POST /echo HTTP/1.1\r\nHost: a\r\n{body}"), "\r\n\r\nok").await;
    }
    let pipelined = [
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nno",
    ];
    client.write_all(pipelined.concat().as_bytes()).await.unwrap();
    let answers = read_to_end(&mut client).await;
    let (fine, refused) = answers.split_once("\r\n\r\nok").unwrap();
    assert_status(200, fine);
    assert_status(400, refused);
}

/// RFC 9110 §15.6.6. What is no version at all is a malformed line.
#[tokio::test]
async fn other_versions_are_a_505() {
    let versions = [
        ("HTTP/1.2", 505),
        ("HTTP/2.0", 505),
        ("HTTP/3.0", 505),
        ("HTTP/0.9", 400),
        ("HTTP/01.1", 400),
        ("HTTP/1", 400),
        ("http/1.1", 400),
    ];
    for (version, status) in versions {
        let served = start(Limits::default()).await;
        let answer = served.exchange(format!("GET / {version}\r\nHost: a\r\n\r\n") + &get("/smuggled")).await;
        assert_status(status, &answer);
        assert!(answer.contains("connection: close") && !answer.contains("/smuggled"), "{answer}");
    }
}
