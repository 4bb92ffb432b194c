//! Heads that are too large: 431 and 414, with configured limits and with the defaults.

use http::Request;

use crate::support::h2::{self as http2, H2Client};
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::sole::Sole;

fn fields(count: usize) -> String {
    let fields: String = (1..count).map(|number| format!("X-{number}: v\r\n")).collect();
    format!("GET /x HTTP/1.1\r\nHost: test\r\n{fields}\r\n")
}

fn target(length: usize) -> String {
    format!("GET /{} HTTP/1.1\r\nHost: test\r\n\r\n", "x".repeat(length - 1))
}

fn long_value(length: usize) -> String {
    format!("GET /x HTTP/1.1\r\nHost: test\r\nX-Long: {}\r\n\r\n", "v".repeat(length))
}

async fn check(sole: Sole, upstream: &RecordingUpstream, table: &[(String, u16)]) {
    let gateway = sole.start();
    let mut forwarded = upstream.requests().len();
    for (request, status) in table {
        let what = format!("{}… ({} bytes)", &request[..20], request.len());
        let mut client = RawClient::connect(gateway.addr).await;
        client.send(request).await;
        assert_eq!(client.response().await.status(), *status, "{what}");
        if *status == 200 {
            forwarded += 1;
        } else {
            client.expect_close().await;
        }
        assert_eq!(upstream.requests().len(), forwarded, "{what}");
    }
}

#[tokio::test]
async fn the_defaults() {
    let upstream = RecordingUpstream::start(|_| Script::ok("ok")).await;
    let table = [
        (fields(100), 200),
        (fields(101), 431),
        (fields(1000), 431),
        (target(8 << 10), 200),
        (target((8 << 10) + 1), 414),
        (target(60 << 10), 414),
        (long_value(60 << 10), 200),
        (long_value(64 << 10), 431),
        (long_value(1 << 20), 431),
    ];
    check(Sole::new(upstream.addr()), &upstream, &table).await;
    upstream.assert_clean();
}

#[tokio::test]
async fn the_configuration_has_its_say() {
    let upstream = RecordingUpstream::start(|_| Script::ok("ok")).await;
    let sole = || {
        Sole::new(upstream.addr())
            .line("limits.header_fields = 10")
            .line("limits.uri = 100")
            .line("limits.header_section = \"16KiB\"")
    };
    let table = [
        (fields(10), 200),
        (fields(11), 431),
        (target(100), 200),
        (target(101), 414),
        (long_value(15 << 10), 200),
        (long_value(16 << 10), 431),
    ];
    check(sole(), &upstream, &table).await;
}

#[tokio::test]
async fn http2_heads_are_limited_as_well() {
    let upstream = RecordingUpstream::start(|_| Script::ok("ok")).await;
    let gateway = Sole::new(upstream.addr()).start();
    let mut client = H2Client::connect(gateway.addr).await;
    let with_fields = |count: usize| {
        let request = Request::get("http://test/x");
        (0..count).fold(request, |request, number| request.header(format!("x-{number}"), "v"))
    };
    for (request, status) in [
        (with_fields(100), 200),
        (with_fields(101), 431),
        (Request::get(format!("http://test/{}", "x".repeat(9 << 10))), 414),
        (with_fields(1), 200),
    ] {
        let answer = client.send(request.body(http2::empty()).unwrap()).await.unwrap();
        assert_eq!(answer.status().as_u16(), status);
    }
    assert_eq!(upstream.requests().len(), 2);
}

#[tokio::test]
async fn over_http2_a_refusal_is_an_answer_like_any_other() {
    let upstream = RecordingUpstream::start(|_| Script::ok("ok")).await;
    let gateway = Sole::new(upstream.addr()).start();
    let mut client = H2Client::connect(gateway.addr).await;
    let long = Request::post(format!("http://test/{}", "x".repeat(9 << 10)));
    let many = (0..101).fold(Request::get("http://test/gated"), |request, number| {
        request.header(format!("x-{number}"), "v")
    });
    let call = Request::post(format!("http://test/{}", "x".repeat(9 << 10)));
    let call = call.header("content-type", "application/grpc");
    for (request, status, body) in
        [(long, 414, "URI Too Long\n"), (many, 431, "Request Header Fields Too Large\n"), (call, 200, "")]
    {
        let request = request.header("x-request-id", "theirs").body(http2::full("a body")).unwrap();
        let answer = http2::collect(client.send(request).await.unwrap()).await;
        assert_eq!((answer.status.as_u16(), &*answer.body), (status, body.as_bytes()));
        assert_eq!(answer.headers["x-request-id"], "theirs");
        assert_eq!(answer.headers["proxy-status"], "gateway; error=http_request_error");
        let in_grpc = answer.headers.get("grpc-status").map(|status| status.to_str().unwrap());
        assert_eq!(in_grpc, (status == 200).then_some("8"));
    }
    assert_eq!(client.get("/x").await.status, 200, "on the same connection");
    assert_eq!(upstream.requests().len(), 1);
}

/// HTTP/2 lets a client split its cookies into several fields (RFC 9113 section 8.2.3), as browsers do.
#[tokio::test]
async fn crumbs_of_cookies_are_one_field() {
    let upstream = RecordingUpstream::start(|_| Script::ok("ok")).await;
    let gateway = Sole::new(upstream.addr()).start();
    let mut client = H2Client::connect(gateway.addr).await;
    for (fields, crumbs, status) in [(10, 120, 200), (99, 120, 200), (100, 2, 431), (101, 0, 431)] {
        let request = Request::get("http://test/x");
        let request = (0..fields).fold(request, |request, number| request.header(format!("x-{number}"), "v"));
        let request =
            (0..crumbs).fold(request, |request, number| request.header("cookie", format!("c{number}=v")));
        let answer = client.send(request.body(http2::empty()).unwrap()).await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{fields} fields and {crumbs} crumbs");
    }
    let whole: Vec<String> = (0..120).map(|number| format!("c{number}=v")).collect();
    for request in upstream.requests() {
        assert_eq!(request.headers.one("cookie"), Some(&*whole.join("; ")));
    }
}

#[tokio::test]
async fn over_http1_a_refusal_is_an_answer_like_any_other_and_the_last_one() {
    let upstream = RecordingUpstream::start(|_| Script::ok("ok")).await;
    let gateway = Sole::new(upstream.addr()).start();
    let two_framings = "POST /x HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx";
    for (request, status, body) in [
        (fields(101), 431, "Request Header Fields Too Large\n"),
        (target(9 << 10), 414, "URI Too Long\n"),
        (two_framings.to_owned(), 400, "Bad Request\n"),
        ("no HTTP at all\r\n\r\n".to_owned(), 400, "Bad Request\n"),
    ] {
        let mut client = RawClient::connect(gateway.addr).await;
        client.send(&request).await;
        let answer = client.response().await;
        assert_eq!((answer.status(), answer.text().as_str()), (status, body), "{answer:?}");
        assert_eq!(answer.headers().one("proxy-status"), Some("gateway; error=http_request_error"));
        assert!(answer.headers().has("x-request-id"), "{answer:?}");
        assert_eq!(answer.headers().one("connection"), Some("close"), "{answer:?}");
        client.expect_close().await;
    }
    assert_eq!(upstream.requests().len(), 0);
}

/// RFC 9113 section 6.5.2. The 431 is that of the `h2` crate.
#[tokio::test]
async fn over_http2_a_field_counts_32_bytes_more() {
    const FIELDS: usize = 300;
    let upstream = RecordingUpstream::start(|_| Script::ok("ok")).await;
    let sole = Sole::new(upstream.addr()).line("limits.header_fields = 1000");
    let gateway = sole.line("limits.header_section = \"8KiB\"").start();
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(fields(FIELDS)).await;
    assert_eq!(client.response().await.status(), 200);
    let mut client = H2Client::connect(gateway.addr).await;
    for (count, status) in [(FIELDS / 2, 200), (FIELDS, 431)] {
        let request = Request::get("http://test/x");
        let request = (0..count).fold(request, |request, number| request.header(format!("x-{number}"), "v"));
        let answer = client.send(request.body(http2::empty()).unwrap()).await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{count} fields");
    }
}
