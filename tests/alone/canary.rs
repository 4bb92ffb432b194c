//! Secrets reach only those who are meant to see them. Each secret here is a canary, a string that occurs nowhere else,
//! and everything that the gateway puts out is searched for it: what goes to upstreams and clients, the log at TRACE,
//! `Debug` output.

use std::net::{Ipv4Addr, SocketAddr};

use crate::alone;
use crate::support::canary::{Capture, canary};
use crate::support::gateway::TestGateway;
use crate::support::h2 as h2c;
use crate::support::process::{Process, Stream};
use crate::support::raw::RawClient;
use crate::support::recorder::{Answer, RecordingUpstream, Script};
use crate::support::within;
use crate::support::ws;
use gateway::config::Config;
use gateway::serve::Shutdown;
use tokio::net::TcpSocket;
use tokio::process::Command;

/// What must not leak.
struct Secrets {
    /// The configured token.
    right: String,
    wrong: String,
    /// A credential for the upstream, and cookies in both directions: these two pass through, but are never logged.
    authorization: String,
    cookie: String,
    set_cookie: String,
}

impl Secrets {
    fn new() -> Self {
        let [right, wrong, authorization, cookie, set_cookie] =
            ["right", "wrong", "authorization", "cookie", "set-cookie"].map(canary);
        Self { right, wrong, authorization, cookie, set_cookie }
    }

    fn credentials(&self) -> String {
        format!("Authorization: Bearer {}\r\nCookie: session={}\r\n", self.authorization, self.cookie)
    }

    /// Requests of every kind, with every possible result.
    fn traffic(&self) -> Vec<String> {
        let (right, wrong, both) = (&self.right, &self.wrong, self.credentials());
        let request = |line: &str, fields: &str, body: &str| {
            format!(
                "{line} HTTP/1.1\r\nHost: test\r\n{fields}{both}Content-Length: {}\r\n\r\n{body}",
                body.len()
            )
        };
        let token = |value: &str| format!("X-Admin-Token: {value}\r\n");
        vec![
            request("GET /admin/x", &token(right), ""),
            request("POST /admin/x?a=b", &token(right), "body"),
            request("GET /admin/x", &(token(right) + "X_Admin_Token: " + right + "\r\n"), ""),
            request("GET /admin/x", &(token(right) + "Connection: X-Admin-Token\r\n"), ""),
            request("GET /admin/x", &(token(right) + "X-Admin.Token: " + wrong + "\r\n"), ""),
            request("GET /admin/down", &token(right), ""),
            request("GET /admin/broken", &token(right), ""),
            request("GET /admin/cut", &token(right), ""),
            request("GET /admin/../admin/x", &token(right), ""),
            request("GET /admin/x", &(token(right) + "Expect: nothing\r\n"), ""),
            request("TRACE /admin/x", &token(right), ""),
            request("GET /admin/x", "", ""),
            request("GET /admin/x", &token(wrong), ""),
            request("GET /admin/x", &(token(right) + &token(right)), ""),
            request("GET /admin/x", &(token(right) + &token(wrong)), ""),
            request("GET /admin/x", &token(&format!("{right}, {right}")), ""),
            request("GET /admin/x", &token(&format!("{right}\u{e9}")), ""),
            // The token's header on other routes: it is no secret there, and still never leaves the gateway.
            request("GET /api/x", &token(right), ""),
            request("GET /api/x", &token(wrong), ""),
            request("GET /api/x", &("X_Admin_Token: ".to_owned() + right + "\r\n"), ""),
            request("GET /down/x", &token(right), ""),
            request("GET /nowhere", &token(right), ""),
            request("GET /", &token(right), ""),
            // Not HTTP.
            format!("GET /admin/x HTTP/1.1\r\nHost: test\r\n{both}X-Admin-Token : {right}\r\n\r\n"),
            format!("GET /admin/x HTTP/1.1\r\nHost: test\r\n{both}X-Admin-Token: {right}\0\r\n\r\n"),
            format!("{right}\r\n\r\n"),
            format!("GET /admin/x HTTP/9.9\r\nX-Admin-Token: {right}\r\n{both}\r\n"),
            format!(
                "POST /admin/x HTTP/1.1\r\nHost: test\r\n{both}X-Admin-Token: {right}\r\n\
                 Transfer-Encoding: chunked\r\n\r\n0\r\nX-Admin-Token: {right}\r\nAuthorization: {wrong}\r\n\r\n"
            ),
            format!(
                "POST /admin/x HTTP/1.1\r\nHost: test\r\n{both}X-Admin-Token: {right}\r\n\
                 Transfer-Encoding: chunked\r\n\r\nzz\r\n"
            ),
        ]
    }
}

#[tokio::test]
async fn no_secret_gets_where_it_is_not_meant_to() {
    let secrets = Secrets::new();
    let _alone = alone().await;
    let (log, _guard) = Capture::everywhere();
    let site = Site::start(&secrets).await;
    let gateway = TestGateway::start(&site.config(&secrets.right));
    let mut answers = drive(gateway.addr, &secrets).await;
    answers.extend(over_http2(gateway.addr, &secrets).await);
    over_websocket(gateway.addr, &secrets).await;

    for secret in [&secrets.right, &secrets.wrong] {
        log.assert_never_logged(secret);
        assert_absent("the upstreams", &site.received(), secret);
        assert_absent("the clients", &answers, secret);
    }
    for theirs in [&secrets.authorization, &secrets.cookie] {
        log.assert_never_logged(theirs);
        assert_absent("the clients", &answers, theirs);
        assert!(site.received().windows(theirs.len()).any(|window| window == theirs.as_bytes()));
    }
    log.assert_never_logged(&secrets.set_cookie);
    assert!(answers.windows(secrets.set_cookie.len()).any(|window| window == secrets.set_cookie.as_bytes()));
    // The log was on, down to the innermost crate.
    for target in ["access:", "admin_auth:", "proxy", "h2::"] {
        assert!(!log.lines_with(target).is_empty(), "nothing of {target}");
    }
}

#[tokio::test]
async fn nor_into_the_binarys_output() {
    let secrets = Secrets::new();
    let site = Site::start(&secrets).await;
    let directory = tempfile::tempdir().unwrap();
    let config = directory.path().join("gateway.toml");
    std::fs::write(&config, format!("listen = \"127.0.0.1:0\"\n{}", site.config(&secrets.right))).unwrap();
    for format in ["text", "json"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
        command.arg("--config").arg(&config).args(["--log-format", format]).env("RUST_LOG", "trace");
        let mut gateway = Process::start(command);
        let announced = gateway.line_with("gateway on http://").await;
        let addr = announced.trim_start_matches("gateway on http://").parse().unwrap();
        drive(addr, &secrets).await;
        gateway.signal(crate::support::process::Signal::Term).await;
        assert!(gateway.exit().await.success());
        let output = gateway.text(Stream::Out) + &gateway.text(Stream::Err);
        assert!(output.contains("admin_auth") && output.contains("TRACE"), "{output}");
        for secret in [&secrets.right, &secrets.wrong, &secrets.authorization, &secrets.cookie] {
            assert_absent(format, output.as_bytes(), secret);
        }
    }
}

#[tokio::test]
async fn nor_into_debug() {
    let secrets = Secrets::new();
    let site = Site::start(&secrets).await;
    let config = format!("listen = \"127.0.0.1:0\"\n{}", site.config(&secrets.right));
    let config = Config::parse("test.toml", &config, |_| None).unwrap();
    let mut debug = format!("{config:?} {config:#?}");
    let gateway = gateway::app(config, Shutdown::new()).unwrap();
    debug += &format!("{gateway:?} {gateway:#?}");
    assert_absent("Debug", debug.as_bytes(), &secrets.right);
}

/// Sends each request on a connection of its own, and returns everything that comes back. Ten wrong tokens from one
/// address would lock it out, so each request comes from another address.
async fn drive(addr: SocketAddr, secrets: &Secrets) -> Vec<u8> {
    let mut answers = Vec::new();
    for (number, request) in (1..).zip(secrets.traffic()) {
        let from = Ipv4Addr::new(127, 0, 1, number);
        let mut client = RawClient::connect_from(from.into(), addr).await;
        client.send(request.replacen("Host: test\r\n", "Host: test\r\nConnection: close\r\n", 1)).await;
        let (bytes, _) = client.rest().await;
        answers.extend(bytes);
    }
    answers
}

async fn over_http2(addr: SocketAddr, secrets: &Secrets) -> Vec<u8> {
    let mut answers = Vec::new();
    let mut client = h2c::H2Client::connect(addr).await;
    for (path, token) in [
        ("/admin/x", &secrets.right),
        ("/admin/x", &secrets.wrong),
        ("/admin/broken", &secrets.right),
        ("/api/x", &secrets.right),
        ("/nowhere", &secrets.right),
    ] {
        let request = http::Request::get(format!("http://test{path}"))
            .header("x-admin-token", token)
            .header("authorization", &secrets.authorization)
            .header("cookie", &secrets.cookie)
            .body(h2c::full("body"))
            .unwrap();
        let answer = h2c::collect(client.send(request).await.unwrap()).await;
        answers.extend(format!("{answer:?}").into_bytes());
        answers.extend(answer.body);
    }
    answers
}

async fn over_websocket(addr: SocketAddr, secrets: &Secrets) {
    let request = |token: &str| {
        ws::Request::builder()
            .uri(format!("ws://{addr}/admin/tunnel"))
            .header("host", addr.to_string())
            .header("connection", "Upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .header("x-admin-token", token)
            .header("authorization", &secrets.authorization)
            .body(())
            .unwrap()
    };
    let refused = ws::session_with(addr, request(&secrets.wrong), |_| ()).await.unwrap_err();
    assert_eq!(refused.status(), 403);
    let mut client = RawClient::connect(addr).await;
    client
        .send(format!(
            "GET /admin/tunnel HTTP/1.1\r\nHost: test\r\nConnection: Upgrade, X-Admin-Token\r\nUpgrade: websocket\r\n\
             X-Admin-Token: {}\r\n\r\n",
            secrets.right
        ))
        .await;
    assert_eq!(client.response_head("GET").await.status(), 101);
    client.send("ping").await;
    assert_eq!(client.bytes(4).await, b"ping");
    client.finish().await;
    within("the tunnel's end", client.rest()).await;
}

/// One upstream for all routes, and a port that refuses connections.
struct Site {
    upstream: RecordingUpstream,
    down: TcpSocket,
}

impl Site {
    async fn start(secrets: &Secrets) -> Self {
        let set_cookie = format!("session={}", secrets.set_cookie);
        let upstream = RecordingUpstream::start(move |request| match &*request.target {
            "/tunnel" => Script::upgrade("websocket", b""),
            "/broken" => Script::raw("nonsense\r\n\r\n"),
            "/cut" => Script::raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
                .then(crate::support::recorder::Step::Close),
            _ => Script::answer(Answer::new(200).header("Set-Cookie", &set_cookie).body("ok")),
        })
        .await;
        let down = TcpSocket::new_v4().unwrap();
        down.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        Self { upstream, down }
    }

    fn config(&self, token: &str) -> String {
        let (up, down) = (self.upstream.url(), self.down.local_addr().unwrap());
        format!(
            r#"
            [pools.up]
            upstreams = ["{up}"]
            [pools.down]
            upstreams = ["http://{down}"]
            [routes."/api"]
            pool = "up"
            [routes."/down"]
            pool = "down"
            [routes."/admin"]
            pool = "up"
            admin_tokens = ["{token}"]
            [routes."/admin/down"]
            pool = "down"
            admin_tokens = ["{token}"]
            "#
        )
    }

    /// Every byte that the upstreams have received.
    fn received(&self) -> Vec<u8> {
        let mut received = Vec::new();
        for request in self.upstream.requests() {
            received.extend_from_slice(&request.head);
            received.extend_from_slice(&request.body.bytes);
            received.extend_from_slice(format!("{:?}", request.body.trailers).as_bytes());
        }
        for connection in self.upstream.connections() {
            received.extend_from_slice(&connection.tunnelled);
        }
        received
    }
}

fn assert_absent(place: &str, bytes: &[u8], secret: &str) {
    let at = bytes.windows(secret.len()).position(|window| window == secret.as_bytes());
    let around = at.map(|at| bytes[at.saturating_sub(200)..at + secret.len()].escape_ascii().to_string());
    assert_eq!(around, None, "{secret} in what {place} got");
}
