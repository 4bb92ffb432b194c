//! Exactly one right token opens the gate, and guessing is slowed down.

use std::net::{IpAddr, Ipv4Addr};

use crate::support::gateway::TestGateway;
use crate::support::raw::{RawClient, Response};
use crate::support::recorder::{RecordingUpstream, Script};

/// Field lines, and the status that they are answered with. The token is `letmein`.
fn credentials() -> Vec<(String, u16)> {
    let rows = [
        ("", 401),
        ("X-Admin-Token:\r\n", 401),
        ("X-Admin-Token: \t \r\n", 401),
        ("X_Admin_Token: letmein\r\n", 401),
        ("X-Admin_Token: letmein\r\n", 401),
        ("X.Admin.Token: letmein\r\n", 401),
        ("Admin-Token: letmein\r\n", 401),
        ("Authorization: Bearer letmein\r\n", 401),
        ("Cookie: X-Admin-Token=letmein\r\n", 401),
        ("Connection: close, X-Admin-Token\r\n", 401),
        ("X-Admin-Token: wrong\r\n", 403),
        ("X-Admin-Token: letmei\r\n", 403),
        ("X-Admin-Token: letmeinn\r\n", 403),
        ("X-Admin-Token: LETMEIN\r\n", 403),
        ("X-Admin-Token: letmein letmein\r\n", 403),
        ("X-Admin-Token: letmein, letmein\r\n", 403),
        ("X-Admin-Token: letmein,\r\n", 403),
        ("X-Admin-Token: \"letmein\"\r\n", 403),
        ("X-Admin-Token: Bearer letmein\r\n", 403),
        ("X-Admin-Token: letmein\u{e9}\r\n", 403),
        ("X-Admin-Token: %6cetmein\r\n", 403),
        ("X-Admin-Token: letmein\r\nX-Admin-Token: letmein\r\n", 403),
        ("X-Admin-Token: letmein\r\nx-admin-token: wrong\r\n", 403),
        ("X-Admin-Token: letmein\r\nX-Admin-Token:\r\n", 403),
        ("X-Admin-Token: letmein\r\n", 200),
        ("x-ADMIN-token:letmein\r\n", 200),
        // The whitespace around a value is not part of it (RFC 9110 §5.5).
        ("X-Admin-Token: \t letmein \t \r\n", 200),
        ("X-Admin-Token: letmein\r\nX_Admin_Token: wrong\r\n", 200),
        ("Connection: X-Admin-Token\r\nX-Admin-Token: letmein\r\n", 200),
    ];
    let mut all: Vec<_> = rows.iter().map(|(fields, status)| ((*fields).to_owned(), *status)).collect();
    all.push((format!("X-Admin-Token: {}\r\n", "x".repeat(60 << 10)), 403));
    all.push((format!("X-Admin-Token: letmein{}\r\n", "x".repeat(60 << 10)), 403));
    all.push((format!("X-Admin-Token: {}\r\n", "x".repeat(64 << 10)), 431));
    all
}

#[tokio::test]
async fn only_exactly_one_right_token_opens() {
    let upstream = RecordingUpstream::start(|_| Script::ok("secret")).await;
    let mut opened = 0;
    for (fields, status) in credentials() {
        // A gateway of its own, or the wrong tries would add up.
        let gateway = gated(&upstream);
        let what = format!("{:.60} of {} bytes", fields.escape_debug(), fields.len());
        let answer = ask(&mut RawClient::connect(gateway.addr).await, &fields).await;
        assert_eq!(answer.status(), status, "{what}");
        assert_eq!(answer.headers().has("www-authenticate"), status == 401, "{what}");
        assert_eq!(answer.text() == "secret", status == 200, "{what}");
        opened += usize::from(status == 200);
    }
    let requests = upstream.requests();
    assert_eq!(requests.len(), opened);
    for request in requests {
        let carries = request.headers.0.iter().find(|(name, _)| name.to_lowercase().contains("admin"));
        assert!(carries.is_none(), "{carries:?} went upstream");
    }
    upstream.assert_clean();
}

/// Values that are not UTF-8, and tokens in other parts of a request.
#[tokio::test]
async fn nor_does_it_open_for_bytes_or_other_places() {
    let upstream = RecordingUpstream::start(|_| Script::ok("secret")).await;
    let gateway = gated(&upstream);
    for (bytes, status) in [
        (&b"GET /admin/x HTTP/1.1\r\nHost: test\r\nX-Admin-Token: letmein\xff\r\n\r\n"[..], 403),
        (b"GET /admin/x HTTP/1.1\r\nHost: test\r\nX-Admin-Token: \xff\xfe\r\n\r\n", 403),
        (b"GET /admin/x HTTP/1.1\r\nHost: test\r\nX-Admin-Token: let\0mein\r\n\r\n", 400),
        (b"GET /admin/x HTTP/1.1\r\nHost: test\r\nX-Admin-Token : letmein\r\n\r\n", 400),
        (b"GET /admin/x HTTP/1.1\r\nHost: test\r\nX-Admin-Token: let\r\n mein\r\n\r\n", 400),
        (b"GET /admin/x?token=letmein&X-Admin-Token=letmein HTTP/1.1\r\nHost: test\r\n\r\n", 401),
        (b"GET /admin/letmein HTTP/1.1\r\nHost: test\r\n\r\n", 401),
        (
            b"POST /admin/x HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\nTrailer: X-Admin-Token\r\n\r\n\
              0\r\nX-Admin-Token: letmein\r\n\r\n",
            401,
        ),
    ] {
        let mut client = RawClient::connect(gateway.addr).await;
        client.send(bytes).await;
        assert_eq!(client.response().await.status(), status, "{}", bytes.escape_ascii());
    }
    assert!(upstream.requests().is_empty());
}

#[tokio::test]
async fn ten_wrong_tries_lock_one_peer_out() {
    let upstream = RecordingUpstream::start(|_| Script::ok("secret")).await;
    let gateway = gated(&upstream);
    let mut guesser = RawClient::connect(gateway.addr).await;
    // A request without a token does not count as a try.
    for _ in 0..20 {
        assert_eq!(ask(&mut guesser, "").await.status(), 401);
    }
    for guess in 0..10 {
        assert_eq!(ask(&mut guesser, &format!("X-Admin-Token: {guess}\r\n")).await.status(), 403, "{guess}");
    }
    let mut again = RawClient::connect(gateway.addr).await;
    for client in [&mut guesser, &mut again] {
        for token in ["wrong", "letmein"] {
            let answer = ask(client, &format!("X-Admin-Token: {token}\r\n")).await;
            assert_eq!(answer.status(), 429, "{token}");
            let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
            assert!((1..=60).contains(&seconds), "{seconds}");
        }
    }
    assert!(upstream.requests().is_empty());
    // Whatever address the client claims, and whichever other clients come.
    let answer = ask(&mut again, "X-Admin-Token: letmein\r\nX-Forwarded-For: 192.0.2.1\r\n").await;
    assert_eq!(answer.status(), 429);
    let other = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
    let mut other = RawClient::connect_from(other, gateway.addr).await;
    assert_eq!(ask(&mut other, "X-Admin-Token: letmein\r\n").await.text(), "secret");
}

/// Who guessed at one gate is still heard at another, whose tokens may be other ones.
#[tokio::test]
async fn each_gate_counts_wrong_tries_for_itself() {
    let upstream = RecordingUpstream::start(|_| Script::ok("secret")).await;
    let gate = |path: &str| format!("[routes.\"{path}\"]\npool = \"admin\"\nadmin_tokens = [\"letmein\"]\n");
    let pool = format!("[pools.admin]\nupstreams = [\"{}\"]\n", upstream.url());
    let gateway = TestGateway::start(&[pool, gate("/admin"), gate("/keys")].concat());
    let mut client = RawClient::connect(gateway.addr).await;
    for _ in 0..10 {
        assert_eq!(ask(&mut client, "X-Admin-Token: wrong\r\n").await.status(), 403);
    }
    for (path, status) in [("/admin", 429), ("/keys", 200)] {
        client.send(format!("GET {path} HTTP/1.1\r\nHost: test\r\nX-Admin-Token: letmein\r\n\r\n")).await;
        assert_eq!(client.response().await.status(), status, "{path}");
    }
}

async fn ask(client: &mut RawClient, fields: &str) -> Response {
    client.send(format!("GET /admin/x HTTP/1.1\r\nHost: test\r\n{fields}\r\n")).await;
    client.response().await
}

fn gated(upstream: &RecordingUpstream) -> TestGateway {
    let url = upstream.url();
    TestGateway::start(&format!(
        "[pools.admin]\nupstreams = [\"{url}\"]\n[routes.\"/admin\"]\npool = \"admin\"\nadmin_tokens = [\"letmein\"]\n"
    ))
}
