//! `max_body`: larger request bodies are answered with 413.

use http::{Request, StatusCode};

use crate::support::body::BodyEnd;
use crate::support::h2::{self as http2, H2Client};
use crate::support::raw::RawClient;
use crate::support::recorder::{Answer, RecordingUpstream, Script, Step};
use crate::support::sole::Sole;
use crate::support::within;

const MOST: usize = 1000;

fn limited(upstream: &RecordingUpstream) -> Sole {
    Sole::new(upstream.addr()).route(&format!("max_body = {MOST}"))
}

fn sized(length: usize) -> Vec<u8> {
    let head = format!("POST /x HTTP/1.1\r\nHost: test\r\nContent-Length: {length}\r\n\r\n");
    [head.into_bytes(), vec![b'u'; length]].concat()
}

fn chunk(length: usize) -> Vec<u8> {
    [format!("{length:x}\r\n").as_bytes(), &vec![b'u'; length], b"\r\n"].concat()
}

const CHUNKED: &str = "POST /x HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n";

#[tokio::test]
async fn a_known_length_is_refused_before_anything_is_sent() {
    let upstream = RecordingUpstream::start(|_| Script::echo()).await;
    let gateway = limited(&upstream).start();
    for length in [MOST + 1, 1 << 20, usize::MAX / 2] {
        let mut client = RawClient::connect(gateway.addr).await;
        client.send(format!("POST /x HTTP/1.1\r\nHost: test\r\nContent-Length: {length}\r\n\r\n")).await;
        // Nothing of the body was sent, so the answer cannot have waited for it.
        let answer = client.response().await;
        assert_eq!((answer.status(), answer.text().as_str()), (413, "Payload Too Large\n"));
        assert!(answer.header("proxy-status").unwrap().contains("error=http_request_error"));
    }
    assert!(upstream.connections().is_empty(), "the upstream was connected to");
}

#[tokio::test]
async fn exactly_the_limit_passes() {
    let upstream = RecordingUpstream::start(|_| Script::echo()).await;
    let gateway = limited(&upstream).start();
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(sized(MOST)).await;
    assert_eq!(client.response().await.text().len(), MOST);
    client.send([CHUNKED.as_bytes(), &chunk(MOST / 2).repeat(2), b"0\r\n\r\n"].concat()).await;
    assert_eq!(client.response().await.text().len(), MOST);
    upstream.assert_clean();
}

/// The upstream must be able to tell that the body it got is not complete.
#[tokio::test]
async fn a_chunked_body_is_cut_off_where_it_grows_too_large() {
    let upstream = RecordingUpstream::start(|_| Script::echo()).await;
    let gateway = limited(&upstream).start();
    let growths = [
        vec![chunk(MOST), chunk(1)],
        vec![chunk(MOST / 2), chunk(MOST / 2 + 1)],
        vec![chunk(MOST + 1)],
        vec![chunk(1); MOST + 1],
    ];
    let count = growths.len();
    for chunks in growths {
        let mut client = RawClient::connect(gateway.addr).await;
        let request = [CHUNKED.as_bytes(), &chunks.concat(), b"0\r\n\r\n"].concat();
        let answer = client.exchange(&request, "POST").await;
        assert_eq!((answer.status(), answer.text().as_str()), (413, "Payload Too Large\n"));
    }
    for _ in 0..count {
        upstream.next_closed().await;
    }
    for request in upstream.requests() {
        assert!(matches!(request.body.end, BodyEnd::Truncated | BodyEnd::Reset), "{:?}", request.body);
        assert!(request.body.bytes.len() <= MOST, "{} bytes went on", request.body.bytes.len());
    }
}

/// The answer comes when the limit is passed, not when the body ends: this one never does.
#[tokio::test]
async fn an_endless_body_is_answered() {
    let upstream = RecordingUpstream::start(|_| Script::echo()).await;
    let gateway = limited(&upstream).start();
    let mut client = RawClient::connect(gateway.addr).await;
    client.send([CHUNKED.as_bytes(), &chunk(MOST), &chunk(1)].concat()).await;
    assert_eq!(client.response().await.status(), 413);
    upstream.next_closed().await;
    assert_ne!(upstream.requests()[0].body.end, BodyEnd::Complete);
}

/// It is too late for a 413, because the answer has begun. It must not end as if it were complete.
#[tokio::test]
async fn a_body_that_grows_too_large_under_its_answer() {
    let upstream = RecordingUpstream::start(|_| {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegun";
        Script::default().then(Step::ReadBody(10)).then(Step::Send(head.into())).then(Step::AwaitClose)
    })
    .await;
    let gateway = limited(&upstream).start();
    let mut client = RawClient::connect(gateway.addr).await;
    client.send([CHUNKED.as_bytes(), &chunk(10)].concat()).await;
    let mut response = client.response_head("POST").await;
    client.until(&mut response, "begun").await;
    client.send(chunk(MOST)).await;
    upstream.next_closed().await;
    while client.piece(&mut response).await.is_some() {}
    assert_ne!(response.body.end, BodyEnd::Complete);
    assert_ne!(upstream.requests()[0].body.end, BodyEnd::Complete);
}

#[tokio::test]
async fn http2_bodies_are_limited_as_well() {
    let upstream = RecordingUpstream::start(|_| Script::echo()).await;
    let gateway = limited(&upstream).start();
    let mut client = H2Client::connect(gateway.addr).await;
    let post = |length| Request::post("http://test/x").body(http2::full(vec![b'u'; length])).unwrap();
    let answer = http2::collect(client.send(post(MOST)).await.unwrap()).await;
    assert_eq!((answer.status, answer.body.len()), (StatusCode::OK, MOST));
    let answer = http2::collect(client.send(post(MOST + 1)).await.unwrap()).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(upstream.requests().len(), 1, "a known length was forwarded");

    // Without a Content-Length it is noticed while the body comes.
    let (requests, _connection) = http2::raw(gateway.addr).await;
    let mut requests = within("a stream", requests.ready()).await.unwrap();
    let unsized_post = Request::post("http://test/x").body(()).unwrap();
    let (response, mut body) = requests.send_request(unsized_post, false).unwrap();
    body.send_data(vec![b'u'; MOST].into(), false).unwrap();
    upstream.wait_for_heads(2).await;
    body.send_data("u".into(), true).unwrap();
    assert_eq!(within("the answer", response).await.unwrap().status(), StatusCode::PAYLOAD_TOO_LARGE);
    upstream.next_closed().await;
    assert_ne!(upstream.requests()[1].body.end, BodyEnd::Complete);
    // The connection of the client can still be used.
    assert_eq!(client.get("/after").await.status, StatusCode::OK);
}

/// Whatever the upstream answers before the limit is passed: the next request must not be affected by it.
#[tokio::test]
async fn nothing_is_left_for_the_next_request() {
    let upstream = RecordingUpstream::start(|request| match request.method.as_str() {
        "POST" => Script::echo(),
        _ => Script::answer(Answer::new(200).body(request.target.clone())),
    })
    .await;
    let gateway = limited(&upstream).start();
    let mut victim = RawClient::connect(gateway.addr).await;
    for round in 0..50 {
        let mut client = RawClient::connect(gateway.addr).await;
        let request = [CHUNKED.as_bytes(), &chunk(MOST), &chunk(1), b"0\r\n\r\n"].concat();
        assert_eq!(client.exchange(&request, "POST").await.status(), 413);
        let path = format!("/victim/{round}");
        assert_eq!(victim.get(&path).await.text(), path);
    }
    upstream.assert_clean();
}
