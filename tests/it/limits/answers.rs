//! Heads of answers: as many fields as the limit allows are passed on, more are answered with 502, and the log says
//! which limit to raise.

use std::time::Duration;

use h2::RecvStream;
use http::{HeaderName, HeaderValue, Request, Response};

use crate::support::gateway::TestGateway;
use crate::support::h2_upstream::{H2Step, H2Upstream};
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordedRequest, RecordingUpstream, Script, Step};
use crate::support::sole::Sole;

/// `/fields/N` is answered with N fields, `/bytes/N` with a head of N bytes.
fn script(request: &RecordedRequest) -> Script {
    let mut words = request.target.split('/').skip(1);
    let (what, count) =
        (words.next().unwrap(), words.next().and_then(|count| count.parse().ok()).unwrap_or(3));
    let length = if request.method == "HEAD" { "" } else { "four" };
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n";
    let filler = match what {
        "fields" => (1..count).map(|number| format!("X-{number}: v\r\n")).collect(),
        "bytes" => format!("X: {}\r\n", "v".repeat(count - head.len() - "X: \r\n\r\n".len())),
        _ => String::new(),
    };
    Script::raw(format!("{head}{filler}\r\n{length}"))
}

async fn status(client: &mut RawClient, target: &str) -> u16 {
    client.get(target).await.status()
}

#[tokio::test]
async fn the_defaults() {
    let upstream = RecordingUpstream::start(script).await;
    let gateway = Sole::new(upstream.addr()).start();
    let mut client = RawClient::connect(gateway.addr).await;
    for (target, expected) in [
        ("/fields/99", 200),
        ("/fields/100", 200),
        ("/fields/101", 200),
        ("/fields/256", 200),
        ("/fields/257", 502),
        ("/fields/3000", 502),
        ("/fields/101", 200),
        ("/fields/3", 200),
        ("/bytes/65000", 200),
        ("/bytes/66000", 502),
    ] {
        assert_eq!(status(&mut client, target).await, expected, "{target}");
    }
    upstream.assert_clean();
}

#[tokio::test]
async fn the_configuration_has_its_say() {
    let upstream = RecordingUpstream::start(script).await;
    let sole = Sole::new(upstream.addr()).line("limits.response_fields = 10");
    let gateway = sole.line("limits.response_section = \"2KiB\"").start();
    let mut client = RawClient::connect(gateway.addr).await;
    for (target, expected) in [
        ("/fields/10", 200),
        ("/fields/11", 502),
        ("/bytes/2048", 200),
        ("/bytes/2049", 502),
        ("/bytes/9000", 502),
    ] {
        assert_eq!(status(&mut client, target).await, expected, "{target}");
    }
    let sole = Sole::new(upstream.addr()).line("limits.response_fields = 5000");
    let gateway = sole.line("limits.response_section = \"1MiB\"").start();
    let mut client = RawClient::connect(gateway.addr).await;
    for (target, expected) in
        [("/fields/5000", 200), ("/fields/5001", 502), ("/bytes/500000", 200), ("/bytes/1100000", 502)]
    {
        assert_eq!(status(&mut client, target).await, expected, "{target}");
    }
    upstream.assert_clean();
}

/// Its bytes are counted as HTTP/2 counts them: 32 more for each field.
fn script_in_http2(request: &Request<RecvStream>) -> Vec<H2Step> {
    let (_, words) = request.uri().path().split_at(1);
    let (what, count) = words.split_once('/').unwrap();
    let count: usize = count.parse().unwrap();
    let field = |name: String, value: String| {
        (HeaderName::try_from(name).unwrap(), HeaderValue::try_from(value).unwrap())
    };
    let mut answer = Response::new(());
    *answer.headers_mut() = match what {
        "fields" => (0..count).map(|number| field(format!("x-{number}"), "v".to_owned())).collect(),
        _ => [field("x".to_owned(), "v".repeat(count - 1 - 32))].into_iter().collect(),
    };
    vec![H2Step::HeadAlone(answer)]
}

#[tokio::test]
async fn http2_upstreams_have_the_same_limits() {
    let upstream = H2Upstream::start(script_in_http2).await;
    let pool = format!(
        "[pools.sole]\nupstreams = [\"http://{}\"]\nprotocol = \"http2\"\n[routes.\"/\"]\npool = \"sole\"\n",
        upstream.addr()
    );
    let limits = "limits.response_fields = 10\nlimits.response_section = \"2KiB\"\n";
    for (limits, fields, section) in [("", 256, 64 << 10), (limits, 10, 2 << 10)] {
        let gateway = TestGateway::start(&format!("{limits}{pool}"));
        let mut client = RawClient::connect(gateway.addr).await;
        for (target, expected) in [
            (format!("/fields/{fields}"), 200),
            (format!("/fields/{}", fields + 1), 502),
            (format!("/bytes/{section}"), 200),
            (format!("/bytes/{}", section + 1), 502),
            (format!("/fields/{fields}"), 200),
        ] {
            let answer = client.get(&target).await;
            assert_eq!(answer.status(), expected, "{target}");
            let status = (expected == 502).then_some("gateway; error=http_response_header_section_size");
            assert_eq!(answer.header("proxy-status"), status, "{target}");
        }
    }
}

/// The connection stays the same, the answer too, and the request is sent once.
#[tokio::test]
async fn nothing_of_such_an_answer_is_lost() {
    let upstream = RecordingUpstream::start(script).await;
    let gateway = Sole::new(upstream.addr()).start();
    let mut client = RawClient::connect(gateway.addr).await;
    for method in ["GET", "HEAD", "POST", "DELETE"] {
        let body = if method == "POST" { "Content-Length: 5\r\n\r\norder" } else { "\r\n" };
        client.send(format!("{method} /fields/200 HTTP/1.1\r\nHost: test\r\n{body}")).await;
        let answer = client.response_to(method).await;
        assert_eq!((answer.status(), answer.header("x-199")), (200, Some("v")), "{method}");
        assert_eq!(answer.text(), if method == "HEAD" { "" } else { "four" }, "{method}");
    }
    let methods: Vec<String> = upstream.requests().into_iter().map(|request| request.method).collect();
    assert_eq!(methods, ["GET", "HEAD", "POST", "DELETE"]);
    assert_eq!(upstream.connections().len(), 1);
    upstream.assert_clean();
}

/// An answer that comes before its request was read: it is read to its end, and nothing else is sent on that
/// connection.
#[tokio::test]
async fn an_early_answer_is_passed_on_and_its_connection_not_used_again() {
    let upstream = RecordingUpstream::start(|request| match request.method.as_str() {
        "POST" => script(request).before_body().then(Step::AwaitClose),
        _ => script(request),
    })
    .await;
    let gateway = Sole::new(upstream.addr()).timeout("body_idle = \"5s\"").start();
    let mut client = RawClient::connect(gateway.addr).await;
    client.send("POST /fields/200 HTTP/1.1\r\nHost: test\r\nContent-Length: 50000000\r\n\r\nbegun").await;
    let answer = tokio::time::timeout(Duration::from_secs(10), client.response()).await.unwrap();
    assert_eq!((answer.status(), answer.header("x-199")), (200, Some("v")));
    let mut other = RawClient::connect(gateway.addr).await;
    assert_eq!(status(&mut other, "/fields/3").await, 200);
    assert_eq!(upstream.connections().len(), 2);
}
