//! The case in which field names are written over HTTP/1: lower by default, or title case for peers that compare bytes.

use crate::support::fields::Fields;
use crate::support::gateway::TestGateway;
use crate::support::h2::H2Client;
use crate::support::raw::RawClient;
use crate::support::recorder::{Answer, RecordedRequest, RecordingUpstream, Script, Step};
use crate::support::relay::{API, Relay, get};
use crate::support::syntax::latin1;

/// A gateway whose pool has these lines.
async fn pool_with(
    lines: &str,
    script: impl Fn(&RecordedRequest) -> Script + Send + Sync + 'static,
) -> Relay {
    let upstream = RecordingUpstream::start(script).await;
    let pool = format!("[pools.plain]\nupstreams = [\"http://{}\"]\n{lines}\n{API}\n", upstream.addr());
    Relay { gateway: TestGateway::start(&pool), upstream }
}

/// The names as they were written, in alphabetical order.
fn names(fields: &Fields) -> Vec<&str> {
    let mut names: Vec<&str> = fields.0.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names
}

/// The names that every request to an upstream has.
const ALWAYS: [&str; 7] = [
    "Host",
    "Via",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Prefix",
    "X-Forwarded-Proto",
    "X-Request-Id",
];

fn always_and(more: &[&'static str]) -> Vec<&'static str> {
    let mut names = [&ALWAYS, more].concat();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn an_upstream_gets_title_case_if_it_wants_it() {
    let relay = pool_with("header_case = \"title\"", |_| Script::ok("")).await;
    let seen = relay.get_with(&["x-a: 1", "ETAG: 2", "TE: trailers"]).await.seen.unwrap();
    assert_eq!(names(&seen.headers), always_and(&["Connection", "Etag", "Te", "X-A"]));

    let post = "POST /api/x HTTP/1.1\r\nhost: test\r\ncontent-length: 3\r\n\r\nabc";
    let seen = relay.exchange(post).await.seen.unwrap();
    assert_eq!(names(&seen.headers), always_and(&["Content-Length"]));

    let chunked = "POST /api/x HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\ntrailer: x-sum\r\n\r\n\
                   3\r\nabc\r\n0\r\nx-sum: 1\r\n\r\n";
    let seen = relay.exchange(chunked).await.seen.unwrap();
    assert_eq!(names(&seen.headers), always_and(&["Trailer", "Transfer-Encoding"]));
    assert_eq!(names(&seen.body.trailers), ["X-Sum"]);
    assert_eq!(seen.headers.one("trailer"), Some("x-sum"), "values stay as they are");
}

#[tokio::test]
async fn an_upstream_gets_title_case_in_upgrades_and_on_bound_connections() {
    let relay = pool_with("header_case = \"title\"", |request| {
        if request.headers.has("upgrade") { Script::upgrade("websocket", b"") } else { Script::ok("") }
    })
    .await;
    let seen = relay.get_with(&["authorization: Negotiate abc"]).await.seen.unwrap();
    assert_eq!(names(&seen.headers), always_and(&["Authorization"]));

    let mut client = RawClient::connect(relay.gateway.addr).await;
    client.send(get("/api/x", &["connection: upgrade", "upgrade: websocket"])).await;
    assert_eq!(client.response().await.status(), 101);
    let seen = relay.seen_since(1).unwrap();
    assert_eq!(names(&seen.headers), always_and(&["Connection", "Upgrade"]));
}

#[tokio::test]
async fn an_upstream_gets_title_case_in_probes() {
    let lines = "header_case = \"title\"\nhealth.path = \"/probe\"";
    let relay = pool_with(lines, |_| Script::ok("")).await;
    let probes = relay.upstream.wait_for(1).await;
    assert_eq!(probes[0].target, "/probe");
    assert_eq!(names(&probes[0].headers), ["Host", "User-Agent", "Via", "X-Forwarded-Host"]);
}

#[tokio::test]
async fn by_default_all_names_are_in_lower_case() {
    let answer = || Answer::new(200).header("Trailer", "X-Sum").chunks(["abc"]).trailer("X-Sum", "1");
    let relay = Relay::plain(move |_| Script::answer(answer())).await;
    let request = "POST /api/x HTTP/1.1\r\nHost: test\r\nTE: trailers\r\nTrailer: X-Sum\r\n\
                   Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n";
    let exchange = relay.exchange(request).await;
    let (seen, answered) = (exchange.seen(), &exchange.response);
    for fields in [&seen.headers, &seen.body.trailers, answered.headers(), &answered.body.trailers] {
        let names = names(fields);
        assert!(
            !names.is_empty() && names.iter().all(|name| !name.contains(char::is_uppercase)),
            "{names:?}"
        );
    }
}

/// A gateway whose clients get title case.
async fn titled(script: impl Fn(&RecordedRequest) -> Script + Send + Sync + 'static) -> Relay {
    Relay::start("header_case = \"title\"", API, script).await
}

#[tokio::test]
async fn a_client_gets_title_case_in_answers_from_upstreams() {
    let relay = titled(|request| match request.target.as_str() {
        "/length" => Script::answer(Answer::new(200).header("etag", "\"1\"").body("abc")),
        "/unchanged" => Script::answer(Answer::new(304).header("etag", "\"1\"")),
        _ => {
            Script::answer(Answer::new(200).header("trailer", "x-sum").chunks(["abc"]).trailer("x-sum", "1"))
        }
    })
    .await;
    let with_length = ["Content-Length", "Date", "Etag", "Via", "X-Request-Id"];
    for method in ["GET", "HEAD"] {
        let answer =
            relay.exchange(format!("{method} /api/length HTTP/1.1\r\nHost: a\r\n\r\n")).await.response;
        assert_eq!(names(answer.headers()), with_length, "{method}");
    }
    let unchanged = relay.exchange(get("/api/unchanged", &[])).await.response;
    assert_eq!(names(unchanged.headers()), ["Date", "Etag", "Via", "X-Request-Id"]);

    let chunked = relay.get_with(&["TE: trailers"]).await.response;
    assert_eq!(names(chunked.headers()), ["Date", "Trailer", "Transfer-Encoding", "Via", "X-Request-Id"]);
    assert_eq!(names(&chunked.body.trailers), ["X-Sum"]);

    let old = relay.exchange("GET /api/length HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n").await;
    assert!(names(old.response.headers()).contains(&"Connection"), "{old:?}");
}

#[tokio::test]
async fn a_client_gets_title_case_in_answers_of_the_gateways_own() {
    let relay = titled(|_| Script::ok("")).await;
    let many: Vec<String> = (0..200).map(|number| format!("x-{number}: 1")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let long = format!("/{}", "a".repeat(10_000));
    for (request, status) in [
        (get("/healthz", &[]), 200),
        (get("/nowhere", &[]), 404),
        ("DELETE /readyz HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), 405),
        (get("/api/%2e%2e/x", &[]), 400),
        ("GET /api HTTP/1.1\r\nno field\r\n\r\n".to_owned(), 400),
        ("POST /api HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na".to_owned(), 400),
        (get(&long, &[]), 414),
        (get("/api", &many), 431),
    ] {
        let answer = relay.exchange(&request).await.response;
        assert_eq!(answer.status(), status, "{request}");
        let names = names(answer.headers());
        let is_title =
            |name: &&str| name.split('-').all(|word| word.starts_with(|c: char| !c.is_lowercase()));
        assert!(names.contains(&"Content-Length") && names.iter().all(is_title), "{status} {names:?}");
    }
}

#[tokio::test]
async fn a_client_gets_title_case_behind_a_100_and_in_a_101() {
    const CONTINUE: &str = "HTTP/1.1 100 Continue\r\n\r\n";
    let relay = titled(|request| match request.headers.has("upgrade") {
        true => Script::upgrade("websocket", b""),
        false => Script(vec![Step::go_on(), Step::WaitForBody, Step::Answer(Answer::new(200))]),
    })
    .await;
    let mut client = RawClient::connect(relay.gateway.addr).await;
    client.send("POST /api/x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n").await;
    assert_eq!(latin1(&client.bytes(CONTINUE.len()).await), CONTINUE);
    client.send("abc").await;
    assert_eq!(names(client.response().await.headers()), ["Content-Length", "Date", "Via", "X-Request-Id"]);

    client.send(get("/api/x", &["connection: upgrade", "upgrade: websocket"])).await;
    let switched = client.response_head("GET").await;
    assert_eq!(names(switched.headers()), ["Connection", "Date", "Upgrade", "Via", "X-Request-Id"]);
}

/// HTTP/2 has lower case (RFC 9113 section 8.2.1), and clients refuse anything else.
#[tokio::test]
async fn over_http2_a_client_gets_lower_case() {
    let relay = titled(|_| Script::ok("abc")).await;
    let answer = H2Client::connect(relay.gateway.addr).await.get("/api/x").await;
    assert_eq!((answer.body.as_slice(), answer.end), (&b"abc"[..], Ok(())));
}
