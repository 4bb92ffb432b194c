//! What the upstream can do: send 100, send a final answer, or send nothing.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::expecting;
use crate::support::body::BodyEnd;
use crate::support::raw::RawClient;
use crate::support::recorder::{Answer, RecordedRequest, RecordingUpstream, Script, Step};
use crate::support::sole::Sole;

/// How long the gateway waits for a 100 before it sends the body anyway.
const PATIENCE: Duration = Duration::from_secs(1);

/// `/final/STATUS` refuses at once, `/late` says 100 only when it is told to, `/100` at once, `/silent` never, and
/// `/eager` answers 200 without having read anything.
fn script(signal: &Arc<Notify>) -> impl Fn(&RecordedRequest) -> Script + Send + Sync + 'static {
    let signal = Arc::clone(signal);
    move |request| match request.target.as_str() {
        "/late" => Script::default()
            .then(Step::AwaitSignal(Arc::clone(&signal)))
            .then(Step::go_on())
            .then(Step::WaitForBody)
            .then(Step::Answer(Answer::new(200).body("late"))),
        "/100" => {
            Script(vec![Step::go_on(), Step::WaitForBody, Step::Answer(Answer::new(200).body("thanks"))])
        }
        "/eager" => Script::ok("eager").before_body(),
        target => match target.strip_prefix("/final/") {
            Some(status) => Script::answer(Answer::new(status.parse().unwrap()).body("no")).before_body(),
            None => Script::echo(),
        },
    }
}

async fn upstream() -> (RecordingUpstream, Arc<Notify>) {
    let signal = Arc::new(Notify::new());
    (RecordingUpstream::start(script(&signal)).await, signal)
}

/// Whether it was the upstream's 100 that let the body go, and not the end of the gateway's wait: one try in five must
/// be quicker than that.
#[tokio::test]
async fn the_upstreams_100_lets_the_body_go() {
    let (upstream, _) = upstream().await;
    let gateway = Sole::new(upstream.addr()).start();
    let mut quickest = Duration::MAX;
    for _ in 0..5 {
        let mut client = RawClient::connect(gateway.addr).await;
        let asked = Instant::now();
        client.send(expecting("/100", 5)).await;
        read_100(&mut client).await;
        quickest = quickest.min(asked.elapsed());
        client.send("hello").await;
        assert_eq!(client.response().await.text(), "thanks");
        let seen = upstream.requests().pop().unwrap();
        assert_eq!(seen.headers.one("expect"), Some("100-continue"));
        assert_eq!((seen.body.text().as_str(), seen.body.end), ("hello", BodyEnd::Complete));
    }
    println!("the upstream's 100 was here after {quickest:?}");
    assert!(quickest < PATIENCE / 2, "{quickest:?}");
    upstream.assert_clean();
}

/// Reads the 100 itself, because the strict reader would go on to the final head.
async fn read_100(client: &mut RawClient) {
    let expected = b"HTTP/1.1 100 Continue\r\n\r\n";
    assert_eq!(
        client.bytes(expected.len()).await.escape_ascii().to_string(),
        expected.escape_ascii().to_string()
    );
}

#[tokio::test]
async fn no_100_before_the_upstreams() {
    let (upstream, signal) = upstream().await;
    let gateway = Sole::new(upstream.addr()).start();
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(expecting("/late", 5)).await;
    upstream.wait_for_heads(1).await;
    // There is no event to wait for when something must not come. This is shorter than the wait after which it may
    // come.
    let early = tokio::time::timeout(PATIENCE / 4, client.bytes(1)).await;
    assert!(early.is_err(), "{early:?} came before the upstream's word");
    signal.notify_one();
    read_100(&mut client).await;
    client.send("hello").await;
    assert_eq!(client.response().await.text(), "late");
}

/// A 100 of the gateway would come before the final head.
#[tokio::test]
async fn a_final_answer_goes_out_without_a_100() {
    let (upstream, _) = upstream().await;
    let gateway = Sole::new(upstream.addr()).start();
    for status in [417, 413, 401, 403, 302, 500] {
        let mut client = RawClient::connect(gateway.addr).await;
        client.send(expecting(&format!("/final/{status}"), 5)).await;
        let answer = client.response().await;
        assert_eq!((answer.status(), answer.text().as_str()), (status, "no"));
        assert!(answer.interim.is_empty(), "{status}: {:?}", answer.interim);
    }
    // The bodies were not asked for, so none came, and none may look complete.
    for _ in 0..6 {
        upstream.next_closed().await;
    }
    for request in upstream.requests() {
        assert_eq!(
            (request.body.bytes.len(), request.body.end),
            (0, BodyEnd::Truncated),
            "{}",
            request.target
        );
    }
}

/// A client whose body was refused may send it or not. What it sends next must not be taken for a request if it could
/// be that body.
#[tokio::test]
async fn after_a_refusal_the_body_is_no_request() {
    let (upstream, _) = upstream().await;
    let gateway = Sole::new(upstream.addr()).start();
    let evil = "GET /evil HTTP/1.1\r\nHost: test\r\n\r\n";
    for status in [417, 401] {
        let mut client = RawClient::connect(gateway.addr).await;
        client.send(expecting(&format!("/final/{status}"), evil.len())).await;
        assert_eq!(client.response().await.status(), status);
        let _ = client.try_send(evil).await;
        client.finish().await;
        assert_eq!(client.rest().await.0, b"");
    }
    assert!(upstream.requests().iter().all(|request| request.target != "/evil"));
}

/// A success that comes before the body.
#[tokio::test]
async fn an_eager_200_is_passed_on() {
    let (upstream, _) = upstream().await;
    let gateway = Sole::new(upstream.addr()).start();
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(expecting("/eager", 5)).await;
    assert_eq!(client.response().await.text(), "eager");
}

#[tokio::test]
async fn silence_is_waited_for_a_second() {
    let (upstream, _) = upstream().await;
    let gateway = Sole::new(upstream.addr()).start();
    let mut client = RawClient::connect(gateway.addr).await;
    let asked = Instant::now();
    client.send(expecting("/silent", 5)).await;
    read_100(&mut client).await;
    let waited = asked.elapsed();
    client.send("hello").await;
    assert_eq!(client.response().await.text(), "hello");
    println!("a silent upstream was given {waited:?}");
    assert!(waited >= PATIENCE * 9 / 10 && waited < PATIENCE * 5, "{waited:?}");
    upstream.assert_clean();
}

/// The client may send its body without having been asked. Many do so after a while.
#[tokio::test]
async fn a_client_that_does_not_wait() {
    let (upstream, _) = upstream().await;
    let gateway = Sole::new(upstream.addr()).start();
    let mut client = RawClient::connect(gateway.addr).await;
    for path in ["/100", "/silent"] {
        client.send(expecting(path, 5) + "hello").await;
        let answer = client.response().await;
        assert_eq!(answer.status(), 200);
        let seen = upstream.requests().pop().unwrap();
        assert_eq!((seen.body.text().as_str(), seen.body.end), ("hello", BodyEnd::Complete));
    }
}

/// A hundred interim answers are not a final one.
#[tokio::test]
async fn the_upstreams_100_is_never_the_answer() {
    let upstream = RecordingUpstream::start(|_| {
        let interim =
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n".repeat(10);
        Script(vec![
            Step::Send(interim.into()),
            Step::WaitForBody,
            Step::Answer(Answer::new(200).body("final")),
        ])
    })
    .await;
    let gateway = Sole::new(upstream.addr()).start();
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(expecting("/", 5)).await;
    read_100(&mut client).await;
    client.send("hello").await;
    assert_eq!(client.response().await.text(), "final");
    assert_eq!(client.get("/without").await.text(), "final");
}
