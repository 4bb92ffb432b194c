//! What passes from an upstream to an HTTP/1.1 client and back, and depends on the listener.

use crate::support::raw::RawClient;
use crate::support::recorder::{Answer, RecordingUpstream, Script, Step};
use crate::support::sole::Sole;

const HINTS: &str = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n";

/// RFC 9110 section 15.2.
#[tokio::test]
async fn clients_of_http10_get_no_interim_answers() {
    let upstream =
        RecordingUpstream::start(|_| Script::raw(HINTS).then(Step::Answer(Answer::new(200).body("final"))))
            .await;
    let gateway = Sole::new(upstream.addr()).start();
    let mut client = RawClient::connect(gateway.addr).await;
    client.send("GET /x HTTP/1.0\r\nHost: test\r\n\r\n").await;
    let answer = client.response().await;
    assert_eq!((answer.interim.len(), answer.text().as_str()), (0, "final"));
}

/// `http::Uri` can't hold these bytes. RFC 3986 allows none of them, and encoded they mean the same.
#[tokio::test]
async fn a_query_with_json_in_it_is_encoded() {
    let upstream = RecordingUpstream::start(|_| Script::ok("ok")).await;
    let gateway = Sole::new(upstream.addr()).start();
    let mut client = RawClient::connect(gateway.addr).await;
    for (target, sent) in [
        (r#"/x?q={"a":1}"#, "/x?q={%22a%22:1}"),
        (r#"/x?q="a"&tag=<b>"#, "/x?q=%22a%22&tag=%3Cb%3E"),
        ("/a<b>`", "/a%3Cb%3E%60"),
    ] {
        assert_eq!(client.get(target).await.status(), 200, "{target}");
        assert_eq!(upstream.requests().pop().unwrap().target, sent);
    }
}

/// The upstream answers before it has the upload, and reads the rest: then nothing is left in the way of the next
/// request.
#[tokio::test]
async fn an_early_answer_costs_no_connection_if_the_upload_is_read() {
    const UPLOAD: usize = 10 << 20;
    let upstream = RecordingUpstream::start(|request| match request.target.as_str() {
        "/early" => Script::answer(Answer::new(413).body("early")).before_body(),
        path => Script::ok(path.to_owned()),
    })
    .await;
    let gateway = Sole::new(upstream.addr()).start();
    let mut client = RawClient::connect(gateway.addr).await;
    let head = "POST /early HTTP/1.1\r\nHost: test\r\n";
    let body = vec![b'u'; UPLOAD];
    let known = [format!("{head}Content-Length: {UPLOAD}\r\n\r\n").as_bytes(), &body].concat();
    let chunked = [
        format!("{head}Transfer-Encoding: chunked\r\n\r\n{UPLOAD:x}\r\n").as_bytes(),
        &body,
        b"\r\n0\r\n\r\n",
    ]
    .concat();
    for (at, request) in [&known, &chunked, &known].into_iter().enumerate() {
        let answer = client.exchange(request, "POST").await;
        assert_eq!((answer.status(), answer.text().as_str()), (413, "early"), "{at}");
        assert!(!answer.headers().lists("connection", "close"), "{at}: {answer:?}");
        assert_eq!(client.get("/after").await.text(), "/after", "{at}");
    }
}
