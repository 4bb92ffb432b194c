//! Every step of a script does what it says.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Notify;

use crate::support::body::BodyEnd;
use crate::support::raw::{Closed, RawClient};
use crate::support::recorder::{Answer, End, RecordingUpstream, Script, Step};
use crate::support::syntax::Framing;

async fn playing(script: impl Fn() -> Script + Send + Sync + 'static) -> (RecordingUpstream, RawClient) {
    let upstream = RecordingUpstream::start(move |_| script()).await;
    let client = RawClient::connect(upstream.addr()).await;
    (upstream, client)
}

const UPLOAD_HEAD: &str = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n";
const GET: &str = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

#[tokio::test]
async fn an_answer_waits_for_the_body_unless_told_not_to() {
    let (upstream, mut client) = playing(Script::echo).await;
    client.send(UPLOAD_HEAD).await;
    assert_eq!(upstream.wait_for_heads(1).await[0].body.end, BodyEnd::Open);
    client.send("body").await;
    assert_eq!(client.response().await.text(), "body");

    let (upstream, mut client) = playing(|| Script::status(413).before_body()).await;
    client.send(UPLOAD_HEAD).await;
    assert_eq!(client.response().await.status(), 413);
    client.send("body").await;
    assert_eq!(upstream.wait_for(1).await[0].body.text(), "body", "read after the answer");
    assert_eq!(client.get("/again").await.status(), 413, "and the connection is still in step");
}

#[tokio::test]
async fn read_body_reads_that_much() {
    let script = || Script::default().then(Step::ReadBody(2)).then(Step::Reset);
    let (upstream, mut client) = playing(script).await;
    client.send(UPLOAD_HEAD).await;
    client.send("b").await;
    client.send("o").await;
    assert_eq!(client.expect_close().await, Closed::Reset);
    assert_eq!(upstream.next_closed().await.end, Some(End::WeReset));
    assert_eq!(upstream.requests()[0].body.text(), "bo");
}

#[tokio::test]
async fn answers_are_framed_for_the_method_and_the_status() {
    let answers = [
        Answer::new(200).body("text").header("X-Twice", "a").header("x-twice", "b"),
        Answer::new(200).chunks(["a", "", "bc"]).trailer("X-Sum", "3"),
        Answer::new(204),
        Answer::new(304).header("Content-Length", "9"),
        Answer::new(200).until_close("rest"),
    ];
    let upstream = RecordingUpstream::start(move |request| {
        let number: usize = request.target.trim_start_matches('/').parse().unwrap();
        Script::answer(answers[number].clone())
    })
    .await;
    let mut client = RawClient::connect(upstream.addr()).await;

    let text = client.get("/0").await;
    assert_eq!((text.body.framing, text.text().as_str()), (Framing::Length(4), "text"));
    assert_eq!(text.headers().all("X-TWICE"), ["a", "b"]);
    let chunked = client.get("/1").await;
    assert_eq!((chunked.text().as_str(), &chunked.body.chunks[..]), ("abc", &[1, 2][..]));
    assert_eq!(chunked.body.trailers.one("x-sum"), Some("3"));
    let empty = client.get("/2").await;
    assert_eq!((empty.status(), empty.body.framing), (204, Framing::NoBody));
    let unchanged = client.get("/3").await;
    assert_eq!((unchanged.header("content-length"), unchanged.body.framing), (Some("9"), Framing::NoBody));
    for number in [0, 1] {
        client.send(format!("HEAD /{number} HTTP/1.1\r\nHost: h\r\n\r\n")).await;
        let head = client.response_to("HEAD").await;
        assert_eq!(head.body.framing, Framing::NoBody);
        assert_eq!(head.header("content-length"), (number == 0).then_some("4"));
    }
    let rest = client.get("/4").await;
    assert_eq!((rest.body.framing, rest.text().as_str()), (Framing::UntilClose, "rest"));
    assert_eq!(upstream.next_closed().await.end, Some(End::WeClosed));
}

#[tokio::test]
async fn send_sends_exactly_that_and_trickle_in_single_bytes() {
    let bytes = b"HTTP/1.1 299 \r\ncontent-length: 1\r\n\r\n\xff";
    let script = || {
        let whole = Step::Send(Bytes::from_static(bytes));
        Script::default().then(whole).then(Step::Trickle(Bytes::from_static(bytes), Duration::from_millis(1)))
    };
    let (_upstream, mut client) = playing(script).await;
    client.send(GET).await;
    for _ in 0..2 {
        let response = client.response().await;
        assert_eq!((response.status(), response.head.reason.as_str()), (299, ""));
        assert_eq!(response.body.bytes, b"\xff");
    }
}

#[tokio::test]
async fn a_signal_lets_the_script_go_on() {
    let signal = Arc::new(Notify::new());
    let (head, tail) = ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na", "b");
    let script = {
        let signal = signal.clone();
        move || Script::raw(head).then(Step::AwaitSignal(signal.clone())).then(Step::Send(tail.into()))
    };
    let (_upstream, mut client) = playing(script).await;
    client.send(GET).await;
    let mut response = client.response_head("GET").await;
    client.until(&mut response, "a").await;
    assert_eq!(response.body.end, BodyEnd::Open);
    signal.notify_one();
    client.until(&mut response, "ab").await;
    assert!(client.piece(&mut response).await.is_none());
    assert!(response.body.is_complete());
}

#[tokio::test]
async fn interim_heads_come_before_the_answer() {
    let early_hints = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
    let script = move || {
        let body = Script::ok("done").0;
        Script(vec![Step::go_on(), Step::Send(early_hints.into())].into_iter().chain(body).collect())
    };
    let (upstream, mut client) = playing(script).await;
    client.send(UPLOAD_HEAD).await;
    upstream.wait_for_heads(1).await;
    client.send("body").await;
    let response = client.response().await;
    assert_eq!(response.interim.iter().map(|head| head.status).collect::<Vec<_>>(), [100, 103]);
    assert_eq!(response.interim[1].headers.one("link"), Some("</x>"));
    assert_eq!(response.text(), "done");
}

#[tokio::test]
async fn silence_lasts_until_the_peer_leaves() {
    let (upstream, mut client) = playing(Script::silence).await;
    client.send(UPLOAD_HEAD).await;
    client.send("body").await;
    assert_eq!(upstream.wait_for(1).await[0].body.text(), "body");
    assert_eq!(upstream.connections()[0].end, None);
    drop(client);
    assert_eq!(upstream.next_closed().await.end, Some(End::PeerClosed));

    let mut chatty = RawClient::connect(upstream.addr()).await;
    chatty.send(GET.repeat(2)).await;
    let connection = upstream.next_closed().await;
    assert!(connection.violation.is_some_and(|(_, bytes)| bytes.ends_with(GET.as_bytes())), "asked twice");

    let mut resetting = RawClient::connect(upstream.addr()).await;
    resetting.send(GET).await;
    upstream.wait_for_heads(3).await;
    resetting.reset();
    assert_eq!(upstream.next_closed().await.end, Some(End::PeerReset));
}

#[tokio::test]
async fn hang_reads_nothing_until_killed() {
    let (mut upstream, mut client) = playing(|| Script::default().then(Step::Hang)).await;
    client.send(UPLOAD_HEAD).await;
    client.send("body").await;
    upstream.wait_for_heads(1).await;
    client.finish().await;
    upstream.kill().await;
    assert_eq!(upstream.next_closed().await.end, Some(End::Killed));
    let body = &upstream.requests()[0].body;
    assert_eq!((body.text().as_str(), body.end), ("", BodyEnd::Open));
}

#[tokio::test]
async fn close_and_reset_look_different_before_and_within_a_body() {
    let part = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12";
    let (upstream, mut client) =
        playing(|| Script::default().then(Step::WaitForBody).then(Step::Close)).await;
    client.send(GET).await;
    assert_eq!(client.expect_close().await, Closed::Fin);
    assert_eq!(upstream.next_closed().await.end, Some(End::WeClosed));

    let (upstream, mut client) = playing(|| Script::default().then(Step::Reset)).await;
    client.send(GET).await;
    assert_eq!(client.expect_close().await, Closed::Reset);
    assert_eq!(upstream.next_closed().await.end, Some(End::WeReset));

    let (_upstream, mut client) = playing(move || Script::raw(part).then(Step::Close)).await;
    client.send(GET).await;
    let cut = client.response().await.body;
    assert_eq!((cut.text().as_str(), cut.end), ("12", BodyEnd::Truncated));

    let signal = Arc::new(Notify::new());
    let script = {
        let signal = signal.clone();
        move || Script::raw(part).then(Step::AwaitSignal(signal.clone())).then(Step::Reset)
    };
    let (_upstream, mut client) = playing(script).await;
    client.send(GET).await;
    let mut response = client.response_head("GET").await;
    client.until(&mut response, "12").await;
    signal.notify_one();
    assert!(client.piece(&mut response).await.is_none());
    assert_eq!((response.body.text().as_str(), response.body.end), ("12", BodyEnd::Reset));
}

#[tokio::test]
async fn finish_sending_is_only_half_a_close() {
    let script =
        || Script::raw("HTTP/1.1 200 OK\r\n\r\nall").then(Step::FinishSending).then(Step::AwaitClose);
    let (upstream, mut client) = playing(script).await;
    client.send(GET).await;
    let response = client.response().await;
    assert_eq!((response.body.framing, response.text().as_str()), (Framing::UntilClose, "all"));
    assert_eq!(upstream.connections()[0].end, None, "still reading");
    drop(client);
    assert_eq!(upstream.next_closed().await.end, Some(End::PeerClosed));
}

#[tokio::test]
async fn an_upgrade_echoes_until_the_half_close_and_passes_that_on() {
    let (upstream, mut client) = playing(|| Script::upgrade("websocket", b"first")).await;
    client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nearly").await;
    let switched = client.response().await;
    assert_eq!((switched.status(), switched.header("upgrade")), (101, Some("websocket")));
    assert_eq!(client.bytes(10).await, b"firstearly");
    client.send(b"\0\r\n\xff").await;
    client.finish().await;
    assert_eq!(client.rest().await, (b"\0\r\n\xff".to_vec(), Closed::Fin));
    let connection = upstream.next_closed().await;
    assert_eq!(
        (connection.tunnelled.as_slice(), connection.end),
        (&b"early\0\r\n\xff"[..], Some(End::PeerClosed))
    );
}

#[tokio::test]
async fn a_greeting_is_played_before_any_request() {
    let greeting = |number| match number {
        0 => Script::default().then(Step::Close),
        1 => Script::default().then(Step::Reset),
        2 => Script::answer(Answer::new(408).body("too slow")),
        _ => Script::default(),
    };
    let upstream = RecordingUpstream::start_greeting(greeting, |_| Script::ok("ok")).await;
    assert_eq!(RawClient::connect(upstream.addr()).await.expect_close().await, Closed::Fin);
    assert_eq!(RawClient::connect(upstream.addr()).await.expect_close().await, Closed::Reset);
    let mut unasked = RawClient::connect(upstream.addr()).await;
    assert_eq!(unasked.response().await.status(), 408);
    assert_eq!(unasked.get("/").await.text(), "ok");
    assert_eq!(RawClient::connect(upstream.addr()).await.get("/").await.text(), "ok");
    let requests: Vec<usize> = upstream.connections().iter().map(|connection| connection.requests).collect();
    assert_eq!(requests, [0, 0, 1, 1]);
}
