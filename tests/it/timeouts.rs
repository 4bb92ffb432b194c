//! The timeouts: what each one limits, on either side, and what starts its time again.

use std::time::{Duration, Instant};

use crate::support::ask::{Client, GET, POST, Protocol};
use crate::support::body::BodyEnd;
use crate::support::gateway::{TestGateway, one_pool};
use crate::support::raw::RawClient;
use crate::support::recorder::{Answer, End, RecordingUpstream, Script, Step};
use crate::support::sole::{Sole, demo_backend};
use crate::support::ws::{self, Message};
use bytes::Bytes;

/// Much longer than a busy machine adds between two of the steps below, and much shorter than a test may take.
const LIMIT: Duration = Duration::from_millis(600);
const STEP: Duration = Duration::from_millis(150);

fn limited(name: &str, upstream: &RecordingUpstream) -> TestGateway {
    TestGateway::start(&one_pool(
        &upstream.url(),
        &format!("[timeouts]\n{name} = \"{}ms\"", LIMIT.as_millis()),
    ))
}

#[tokio::test]
async fn a_head_that_does_not_come_is_504_and_the_upstream_is_left_alone() {
    let upstream = RecordingUpstream::start(|_| Script::silence()).await;
    let gateway = limited("response_head", &upstream);
    for (turn, protocol) in [Protocol::Http1, Protocol::Http2].into_iter().enumerate() {
        for (shape, at) in [(GET, 2 * turn), (POST, 2 * turn + 1)] {
            let started = Instant::now();
            let mut client = Client::connect(protocol, gateway.addr).await;
            let answer = client.ask(shape, "/api/x").await.unwrap();
            assert!(started.elapsed() >= LIMIT, "{:?}", started.elapsed());
            answer.assert_own_error(shape.method, 504, "http_response_timeout", &format!("{protocol:?}"));
            assert_eq!(upstream.next_closed().await.number, at);
            assert_eq!(upstream.requests().len(), at + 1, "sent again");
        }
    }
}

/// The client still has something to send, but the gateway isn't waiting for it.
#[tokio::test]
async fn an_upstream_that_does_not_read_is_504() {
    let upstream = RecordingUpstream::start(|_| Script(vec![Step::Hang])).await;
    let gateway = limited("response_head", &upstream);
    let head = b"POST /api/x HTTP/1.1\r\nHost: test\r\nContent-Length: 67108864\r\n\r\n";
    let upload = [&head[..], &vec![b'x'; 64 << 20]].concat();
    let answer = RawClient::connect(gateway.addr).await.exchange(&upload, "POST").await;
    assert_eq!(answer.status(), 504);
}

#[tokio::test]
async fn an_upload_that_makes_progress_is_not_hurried() {
    let upstream = RecordingUpstream::start(|_| Script::echo()).await;
    let gateway = limited("response_head", &upstream);
    let mut client = RawClient::connect(gateway.addr).await;
    client.send("POST /api/x HTTP/1.1\r\nHost: test\r\nContent-Length: 8\r\n\r\n").await;
    let started = Instant::now();
    for byte in b"progress" {
        tokio::time::sleep(STEP).await;
        client.send([*byte]).await;
    }
    assert!(started.elapsed() > 2 * LIMIT - STEP);
    assert_eq!(client.response_to("POST").await.text(), "progress");
}

#[tokio::test]
async fn the_head_has_its_time_after_the_upload_too() {
    let upstream = RecordingUpstream::start(|_| Script(vec![Step::AwaitClose])).await;
    let gateway = limited("response_head", &upstream);
    let mut client = RawClient::connect(gateway.addr).await;
    client.send("POST /api/x HTTP/1.1\r\nHost: test\r\nContent-Length: 8\r\n\r\n").await;
    for byte in b"progress" {
        tokio::time::sleep(STEP).await;
        client.send([*byte]).await;
    }
    let sent = Instant::now();
    assert_eq!(client.response_to("POST").await.status(), 504);
    // Part of the time may have passed before the last byte came, but not all of it.
    assert!(sent.elapsed() >= LIMIT - STEP * 3, "{:?}", sent.elapsed());
}

/// One byte at a time: each comes within the limit, all of them take much longer.
#[tokio::test]
async fn a_download_that_makes_progress_is_not_hurried() {
    let body = Bytes::from_static(b"progress");
    let trickle =
        move |head: &'static str| Script(vec![Step::Send(head.into()), Step::Trickle(body.clone(), STEP)]);
    let upstream = RecordingUpstream::start(move |request| match request.target.as_str() {
        "/length" => trickle("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n"),
        _ => trickle("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").then(Step::Close),
    })
    .await;
    let gateway = limited("body_idle", &upstream);
    for (path, protocol) in [("/api/length", Protocol::Http1), ("/api/close", Protocol::Http2)] {
        let started = Instant::now();
        let answer = Client::connect(protocol, gateway.addr).await.ask(GET, path).await.unwrap();
        assert!(started.elapsed() > 2 * LIMIT - STEP);
        assert_eq!((answer.status, answer.text().as_str(), answer.is_complete), (200, "progress", true));
    }
}

#[tokio::test]
async fn a_download_that_stalls_is_broken_off() {
    let upstream = RecordingUpstream::start(|_| {
        Script::raw("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nprog").then(Step::AwaitClose)
    })
    .await;
    let gateway = limited("body_idle", &upstream);
    for protocol in [Protocol::Http1, Protocol::Http2] {
        let started = Instant::now();
        let answer = Client::connect(protocol, gateway.addr).await.ask(GET, "/api/x").await.unwrap();
        assert!(started.elapsed() >= LIMIT);
        assert_eq!((answer.status, answer.text().as_str(), answer.is_complete), (200, "prog", false));
        upstream.next_closed().await;
    }
}

#[tokio::test]
async fn an_upload_that_stalls_is_408() {
    let upstream = RecordingUpstream::start(|_| Script::ok("taken for a whole request")).await;
    let gateway = limited("body_idle", &upstream);
    for (turn, framing) in
        ["Content-Length: 8\r\n\r\nprog", "Transfer-Encoding: chunked\r\n\r\n4\r\nprog\r\n"]
            .iter()
            .enumerate()
    {
        let mut client = RawClient::connect(gateway.addr).await;
        let started = Instant::now();
        client.send(format!("POST /api/x HTTP/1.1\r\nHost: test\r\n{framing}")).await;
        let response = client.response_to("POST").await;
        assert!(started.elapsed() >= LIMIT);
        assert_eq!(response.status(), 408, "{response:?}");
        assert_eq!(response.header("proxy-status"), Some("gateway; error=http_request_error"));
        assert_eq!(response.header("connection"), Some("close"));
        let seen = upstream.wait_for(turn + 1).await;
        assert!(matches!(seen[turn].body.end, BodyEnd::Truncated | BodyEnd::Reset), "{:?}", seen[turn]);
    }
}

/// It is off by default. The upstream request is given up at once.
#[tokio::test]
async fn a_request_past_its_deadline_is_503() {
    let upstream = RecordingUpstream::start(|_| Script::silence()).await;
    let gateway = limited("request", &upstream);
    for (turn, protocol) in [Protocol::Http1, Protocol::Http2].into_iter().enumerate() {
        let started = Instant::now();
        let mut client = Client::connect(protocol, gateway.addr).await;
        let answer = client.ask(GET, "/api/x").await.unwrap();
        assert!(started.elapsed() >= LIMIT);
        answer.assert_own_error("GET", 503, "http_response_timeout", &format!("{protocol:?}"));
        let closed = upstream.next_closed().await;
        assert_eq!((closed.number, closed.end), (turn, Some(End::PeerClosed)));
    }
}

/// `response_head` begins again with each of them, and `request` doesn't.
#[tokio::test]
async fn interim_answers_do_not_push_the_deadline_back() {
    let upstream = RecordingUpstream::start(|_| {
        let interim = Bytes::from("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(1000));
        Script(vec![Step::WaitForBody, Step::Trickle(interim, Duration::from_millis(2))])
    })
    .await;
    let gateway = limited("request", &upstream);
    let mut client = Client::connect(Protocol::Http1, gateway.addr).await;
    let answer = client.ask(GET, "/api/x").await.unwrap();
    answer.assert_own_error("GET", 503, "http_response_timeout", "");
}

#[tokio::test]
async fn a_call_past_its_deadline_says_so_as_grpc_does() {
    let upstream = RecordingUpstream::start(|_| Script::silence()).await;
    let gateway = limited("request", &upstream);
    for protocol in [Protocol::Http1, Protocol::Http2] {
        let mut client = Client::connect(protocol, gateway.addr).await;
        let fields = [("content-type", "application/grpc+proto")];
        let answer = client.ask_with(POST, "/api/pkg.Service/Method", &fields).await.unwrap();
        answer.assert_own_grpc_error("4", "http_response_timeout", &format!("{protocol:?}"));
    }
}

/// A 503 of the upstream is not taken for the gateway's, even if it has no body and no headers.
#[tokio::test]
async fn an_upstreams_own_503_passes() {
    let upstream = RecordingUpstream::start(|_| Script::answer(Answer::new(503).body("mine"))).await;
    let gateway = limited("request", &upstream);
    let response = RawClient::connect(gateway.addr).await.get("/api/x").await;
    assert_eq!((response.status(), response.header("proxy-status")), (503, None));
    assert_eq!(response.text(), "mine");
}

/// The deadline is for the head: an answer that takes long is not cut off.
#[tokio::test]
async fn the_deadline_does_not_cut_an_answer() {
    let upstream = RecordingUpstream::start(|_| {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n";
        Script(vec![Step::Send(head.into()), Step::Trickle(Bytes::from_static(b"progress"), STEP)])
    })
    .await;
    let gateway = limited("request", &upstream);
    assert_eq!(RawClient::connect(gateway.addr).await.get("/api/x").await.text(), "progress");
}

/// A timeout of a pool replaces both the common one and the default.
#[tokio::test]
async fn a_pool_has_its_own_time() {
    let upstream = RecordingUpstream::start(|_| {
        let head = Bytes::from_static(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        Script(vec![Step::Trickle(head, STEP / 4)])
    })
    .await;
    let of_pool = |name: &str, timeouts: &str| {
        let upstream = upstream.url();
        format!(
            "[pools.{name}]\nupstreams = [\"{upstream}\"]\ntimeouts = {{ {timeouts} }}\n\
             [routes.\"/{name}\"]\npool = \"{name}\"\n"
        )
    };
    let pools = [
        of_pool("common", ""),
        of_pool("patient", "response_head = \"10m\""),
        of_pool("off", "response_head = \"off\", body_idle = \"off\", tunnel_idle = \"off\""),
    ];
    let common = format!("[timeouts]\nresponse_head = \"{}ms\"\n", LIMIT.as_millis());
    let gateway = TestGateway::start(&(common + &pools.concat()));
    for (path, status) in [("/common", 504), ("/patient", 200), ("/off", 200)] {
        assert_eq!(RawClient::connect(gateway.addr).await.get(path).await.status(), status, "{path}");
    }
    let gateway = TestGateway::start(&of_pool("hasty", "response_head = \"100ms\""));
    assert_eq!(RawClient::connect(gateway.addr).await.get("/hasty").await.status(), 504);
}

/// A timeout that is off must not become a deadline: no point in time is that far away.
#[tokio::test]
async fn what_is_off_never_ends() {
    let off = ["response_head", "body_idle", "tunnel_idle", "request", "shutdown"];
    let lines: String = off.iter().map(|key| format!("{key} = \"off\"\n")).collect();
    let gateway = Sole::new(demo_backend()).timeout(&lines).start();
    let talk = |socket: &mut ws::Socket| {
        for _ in 0..2 {
            socket.send(Message::text("still here")).unwrap();
            assert_eq!(socket.read().unwrap(), Message::text("still here"));
            std::thread::sleep(STEP);
        }
    };
    ws::session(gateway.addr, "/echo", talk).await.unwrap();

    let mut client = RawClient::connect(gateway.addr).await;
    client.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 8\r\n\r\n").await;
    for byte in b"progress" {
        tokio::time::sleep(STEP / 4).await;
        client.send([*byte]).await;
    }
    assert_eq!(client.response_to("POST").await.status(), 200);
    gateway.shutdown.begin();
    gateway.ended().await;
}
