//! Limits on sizes and numbers.

use gateway::serve::Limits;

use super::support::*;

#[tokio::test]
async fn a_header_section_has_a_size() {
    let served = start(Limits::default()).await;
    let section = |value: usize| {
        let (open, close) = ("GET /ok HTTP/1.1\r\nHost: test\r\nConnection: close\r\nX: ", "\r\n\r\n");
        let filling = "x".repeat(value - open.len() - close.len());
        format!("{open}{filling}{close}")
    };
    assert_status(200, &served.exchange(section(64 * 1024 - 1)).await);
    assert_status(431, &served.exchange(section(64 * 1024 + 1)).await);
    assert_status(431, &served.exchange(section(1024 * 1024)).await);
}

#[tokio::test]
async fn a_header_section_has_a_number_of_fields() {
    let served = start(Limits::default()).await;
    let fields = |fields: usize| format!("GET / HTTP/1.0\r\n{}\r\n", "X: y\r\n".repeat(fields));
    assert_status(200, &served.exchange(fields(100)).await);
    assert_status(431, &served.exchange(fields(101)).await);
}

/// RFC 9112 section 2.2: empty lines before a request are ignored. The server must not wait for them without end.
#[tokio::test]
async fn empty_lines_before_a_request_are_part_of_its_head() {
    let served = start(Limits::default()).await;
    let mut client = served.connect().await;
    for _ in 0..3 {
        ask(&mut client, &("\r\n".repeat(1_000) + &get("/ok")), "/ok").await;
    }
    let refused = served.exchange("\r\n".repeat(1 << 20)).await;
    assert_status(431, &refused);
    assert!(refused.contains("connection: close\r\n"), "{refused}");
}

#[tokio::test]
async fn a_target_has_a_length() {
    let served = start(Limits::default()).await;
    let target = |bytes: usize| format!("/{}", "x".repeat(bytes - 1));
    assert_status(200, &served.exchange(get_and_close(&target(8192))).await);
    assert_status(414, &served.exchange(get_and_close(&target(8193))).await);
    assert_status(414, &served.exchange(get_and_close(&format!("http://a{}", target(8192)))).await);
    assert_status(414, &served.exchange(get_and_close(&target(70_000))).await);
}

#[tokio::test]
async fn http2_has_the_same_limits() {
    let served = start(Limits::default()).await;
    let (mut requests, connection) = h2::client::handshake(served.connect().await).await.unwrap();
    tokio::spawn(connection);
    let uri = |path: &str| format!("http://{}/{path}", served.address);
    let mut many = http::Request::get(uri("")).body(()).unwrap();
    for n in 0..101 {
        let name: http::HeaderName = format!("x-{n}").parse().unwrap();
        many.headers_mut().append(name, http::HeaderValue::from_static("y"));
    }
    let long = http::Request::get(uri(&"x".repeat(8192))).body(()).unwrap();
    let fine = http::Request::get(uri("x")).body(()).unwrap();
    for (request, status) in [(many, 431), (long, 414), (fine, 200)] {
        let (answer, _) = requests.send_request(request, true).unwrap();
        assert_eq!(within_patience(answer).await.unwrap().status(), status);
    }
}

/// On all streams but one there is as much data as the window allows, and the server reads none of it.
#[tokio::test]
async fn http2_uploads_that_nobody_reads_stall_no_other() {
    const STREAMS: usize = 100;
    const STREAM_WINDOW: usize = 64 * 1024;
    const UPLOAD: usize = 1 << 20;
    let served = start(Limits::default()).await;
    let (mut requests, connection) = h2::client::handshake(served.connect().await).await.unwrap();
    tokio::spawn(connection);
    let post =
        |path: &str| http::Request::post(format!("http://{}/{path}", served.address)).body(()).unwrap();
    let mut asleep = Vec::new();
    for _ in 1..STREAMS {
        let (answer, mut upload) = requests.send_request(post("wait"), false).unwrap();
        upload.send_data(vec![b'x'; STREAM_WINDOW].into(), false).unwrap();
        asleep.push((answer, upload));
    }
    happened(&served.app.waiting, asleep.len() as u32).await;
    let (answer, mut upload) = requests.send_request(post("echo"), false).unwrap();
    upload.send_data(vec![b'x'; UPLOAD].into(), true).unwrap();
    assert_eq!(within_patience(answer).await.unwrap().headers()["content-length"], UPLOAD.to_string());
}

#[tokio::test]
async fn one_connection_too_many_waits_for_its_turn() {
    let limits = Limits { connections: 2, ..Limits::default() };
    let served = start(limits).await;
    let mut first = served.connect().await;
    let mut second = served.connect().await;
    ask(&mut first, &get("/1"), "/1").await;
    ask(&mut second, &get("/2"), "/2").await;
    happened(&served.app.accepted, 2).await;

    let waiting = tokio::spawn({
        let mut third = served.connect().await;
        async move { ask(&mut third, &get("/3"), "/3").await }
    });
    ask(&mut first, &get("/1"), "/1").await;
    assert_eq!(served.app.accepted.available_permits(), 0, "not accepted yet");
    assert!(!waiting.is_finished());

    drop(second);
    within_patience(waiting).await.unwrap();
    happened(&served.app.accepted, 1).await;
}

#[track_caller]
pub(crate) fn assert_status(status: u16, answer: &str) {
    assert!(
        answer.starts_with(&format!("HTTP/1.1 {status} "))
            || answer.starts_with(&format!("HTTP/1.0 {status} ")),
        "{answer}"
    );
}
