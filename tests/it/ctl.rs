//! `gateway ctl`, as a shell runs it, in front of a stand-in for the operator's listener.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::{TcpListener, UnixListener};
use tokio::process::Command;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::support::gateway::one_pool;
use crate::support::process::{Process, Signal, Stream};
use crate::support::tools::require;
use crate::support::within;

const TOKEN: &str = "let-me-operate";

/// A request that changes something, as the stand-in got it.
type Changed = (String, Value, Option<String>);

struct Operator {
    admin: String,
    changes: UnboundedReceiver<Changed>,
}

fn endpoint() -> Value {
    json!({
        "id": "00000000000000a1", "url": "http://127.0.0.1:9001", "weight": 3, "priority": 0, "state": "ejected",
        "why": "ejected after 5 failures, 4 s left", "since": "2026-11-29T23:00:00Z", "share": 0.25, "in_flight": 2,
        "requests": 120, "failures": 5, "requests_per_second": 12.25, "latency_ms": null,
        "connections": { "open": 3, "idle": 1, "waiting": 0, "created": 9, "reused": 111 },
        "last_error": { "at": "2026-11-29T23:00:00Z", "error": "connection_refused", "request_id": "r1" },
    })
}

fn pool() -> Value {
    let other = json!({ "id": "00000000000000a2", "url": "http://127.0.0.1:9002", "state": "available" });
    json!({ "name": "api", "policy": "round_robin", "endpoints": [endpoint(), other], "usable": 1, "retries": 4,
            "failovers": 2, "retry_budget_left": null })
}

fn error() -> Value {
    json!({ "at": "2026-11-29T23:00:01Z", "request_id": "r1", "client": "10.0.0.7", "method": "GET", "path": "/api/x",
            "route": "/api", "upstream": "http://127.0.0.1:9001", "status": 502, "error": "connection_refused" })
}

fn status() -> Value {
    json!({ "version": "0.1.0", "uptime": 3723.5, "draining": false, "ready": false,
            "not_ready": ["pool api: no endpoint takes requests"],
            "generation": { "number": 3, "digest": null, "since": "2026-11-29T22:00:00Z", "refused": null },
            "workers": 2, "listeners": [{ "address": "127.0.0.1:8080", "scheme": "http", "connections": 7 }],
            "certificates": [{ "names": ["a.example"], "not_after": "2027-01-28T00:00:00Z", "days_left": 60 }] })
}

fn route() -> Value {
    json!({ "name": "/api", "match": "/api", "prefix": "/api", "pool": "api", "to": "api", "gated": false, "requests": 123, "errors": 1,
            "in_flight": 1, "requests_per_second": 10.0, "errors_per_second": 0.1, "p50_ms": 1.2, "p99_ms": null })
}

fn events() -> String {
    let snapshot =
        json!({ "status": status(), "pools": [pool()], "routes": [route()], "errors": [], "history": {} });
    let mut well = pool();
    well["endpoints"][0]["state"] = json!("available");
    well["endpoints"][0]["why"] = json!("");
    let sample =
        json!({ "at": "2026-11-29T23:00:02Z", "requests": 24, "errors": 1, "in_flight": 4, "p50_ms": 1.2 });
    let tick = json!({ "status": status(), "pools": [well], "routes": [], "sample": sample });
    format!(
        "event: snapshot\ndata: {snapshot}\n\nevent: tick\ndata: {tick}\n\nevent: failure\ndata: {}\n\n",
        error()
    )
}

fn problem(status: StatusCode, detail: &str) -> Response {
    let title = status.canonical_reason();
    let body = json!({ "type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail });
    (status, Json(body)).into_response()
}

fn answer(
    (method, uri, headers, body): (Method, Uri, HeaderMap, Bytes),
    changes: &UnboundedSender<Changed>,
) -> Response {
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    match header("x-admin-token") {
        Some(token) if token == TOKEN => {}
        Some(_) => return problem(StatusCode::FORBIDDEN, "this token isn't known"),
        None => return problem(StatusCode::UNAUTHORIZED, "a token is needed"),
    }
    if method != Method::GET {
        let body = serde_json::from_slice(&body).unwrap_or_default();
        changes.send((format!("{method} {}", uri.path()), body, header("x-gateway-operator"))).unwrap();
    }
    let reloaded =
        json!({ "generation": 4, "added": ["route /new"], "changed": [], "removed": [], "kept": 3 });
    match (method, uri.path()) {
        (Method::GET, "/api/v1/status") => Json(status()).into_response(),
        (Method::GET, "/api/v1/pools") => Json(json!({ "pools": [pool()] })).into_response(),
        (Method::GET, "/api/v1/pools/api") => Json(pool()).into_response(),
        (Method::GET, "/api/v1/routes") => Json(json!({ "routes": [route()] })).into_response(),
        (Method::GET, "/api/v1/errors") => Json(json!({ "errors": [error()] })).into_response(),
        (Method::GET, "/api/v1/config") => {
            Json(json!({ "digest": "1", "file": "gateway.toml", "text": "listen = \":80\"\n" }))
                .into_response()
        }
        (Method::GET, "/events") => ([("content-type", "text/event-stream")], events()).into_response(),
        (Method::POST, "/api/v1/reload") => Json(reloaded).into_response(),
        (Method::POST, "/api/v1/drain") => StatusCode::ACCEPTED.into_response(),
        (_, path) if path.starts_with("/api/v1/pools/api/endpoints/00000000000000a1/") => {
            Json(endpoint()).into_response()
        }
        (_, path) => problem(StatusCode::NOT_FOUND, &format!("nothing at {path}")),
    }
}

fn router() -> (Router, UnboundedReceiver<Changed>) {
    let (tell, changes) = unbounded_channel();
    let tell = Arc::new(tell);
    let router = Router::new().fallback(move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
        std::future::ready(answer((method, uri, headers, body), &tell))
    });
    (router, changes)
}

impl Operator {
    async fn start() -> Self {
        let (router, changes) = router();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let admin = listener.local_addr().unwrap().to_string();
        tokio::spawn(async { axum::serve(listener, router).await });
        Self { admin, changes }
    }

    /// The exit code, and what was printed.
    async fn ctl(&self, line: &str) -> (i32, String) {
        ctl(&["--admin", &self.admin], Some(TOKEN), line).await
    }
}

async fn ctl(options: &[&str], token: Option<&str>, line: &str) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
    command
        .arg("ctl")
        .args(line.split(' '))
        .args(options)
        .env_remove("GATEWAY_ADMIN")
        .env_remove("GATEWAY_TOKEN");
    if let Some(token) = token {
        command.env("GATEWAY_TOKEN", token);
    }
    let mut process = Process::start(command);
    let code = process.exit().await.code().unwrap();
    (code, process.text(Stream::Out) + &process.text(Stream::Err))
}

#[tokio::test]
async fn what_people_see() {
    let operator = Operator::start().await;
    for line in ["status", "pools", "pools api", "routes", "errors", "config", "events --follow"] {
        let (code, said) = operator.ctl(line).await;
        assert_eq!(code, 0, "{line}: {said}");
        insta::assert_snapshot!(line.replace([' ', '-'], "_"), said);
    }
    let (_, once) = operator.ctl("events").await;
    assert!(!once.contains("24 requests"), "{once}");
}

#[tokio::test]
async fn what_programs_see_is_the_api_s_own_answer() {
    let operator = Operator::start().await;
    for (line, expected) in [
        ("status --json", status()),
        ("pools api --json", pool()),
        ("drain api 127.0.0.1:9001 --json", endpoint()),
    ] {
        let (code, said) = operator.ctl(line).await;
        assert_eq!((code, serde_json::from_str::<Value>(&said).unwrap()), (0, expected), "{line}");
    }
    let (_, said) = operator.ctl("events --follow --json").await;
    let names: Vec<Value> =
        said.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["event"].clone()).collect();
    assert_eq!(names, ["snapshot", "tick", "failure"]);
}

#[tokio::test]
async fn what_is_done() {
    let mut operator = Operator::start().await;
    let of_endpoint = |what: &str| format!("/api/v1/pools/api/endpoints/00000000000000a1/{what}");
    for (line, asked, body) in [
        ("drain api http://127.0.0.1:9001", format!("POST {}", of_endpoint("drain")), Value::Null),
        ("enable api 127.0.0.1:9001", format!("POST {}", of_endpoint("enable")), Value::Null),
        ("weight api 00000000000000a1 7", format!("PUT {}", of_endpoint("weight")), json!({ "weight": 7 })),
        ("eject api 127.0.0.1:9001", format!("POST {}", of_endpoint("eject")), Value::Null),
        (
            "eject api 127.0.0.1:9001 --seconds 9",
            format!("POST {}", of_endpoint("eject")),
            json!({ "seconds": 9 }),
        ),
        ("reload", "POST /api/v1/reload".to_owned(), Value::Null),
        ("stop", "POST /api/v1/drain".to_owned(), Value::Null),
    ] {
        let (code, said) = operator.ctl(line).await;
        assert_eq!(code, 0, "{line}: {said}");
        let (done, with, header) = operator.changes.try_recv().unwrap();
        assert_eq!((done, with, header.as_deref()), (asked, body, Some("1")), "{line}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_with_what_helps() {
    let operator = Operator::start().await;
    let admin = ["--admin", operator.admin.as_str()];
    for (options, token, line, says) in [
        (&admin[..], None, "status", &["wants a token", "--token-file", "GATEWAY_TOKEN"][..]),
        (&admin, Some("wrong"), "status", &["403", "this token isn't known"]),
        (&admin, Some(TOKEN), "pools none", &["no pool none", "api"]),
        (&admin, Some(TOKEN), "pools ../status", &["no pool ../status", "api"]),
        (
            &admin,
            Some(TOKEN),
            "drain api 127.0.0.1:9",
            &["no endpoint 127.0.0.1:9", "http://127.0.0.1:9001, http://127.0.0.1:9002"],
        ),
        (&admin, Some(TOKEN), "drain api 127.0.0.1:9002", &["404", "nothing at"]),
        (&admin, Some(TOKEN), "top", &["needs a terminal"]),
        (
            &["--admin", "127.0.0.1:1"],
            None,
            "status",
            &["no answer from 127.0.0.1:1", "refused", "--admin", "[admin]"],
        ),
        (&["--admin", "unix:/nowhere/socket"], None, "status", &["unix:/nowhere/socket", "No such file"]),
        (&["--admin", "nonsense://"], None, "status", &["HOST:PORT or unix:PATH"]),
        (&["--token-file", "/nowhere/token"], None, "status", &["/nowhere/token"]),
    ] {
        let (code, said) = ctl(options, token, line).await;
        assert_eq!(code, 1, "{line}: {said}");
        assert!(says.iter().all(|part| said.contains(part)), "{line}: {said}");
        assert!(!said.contains(TOKEN), "{said}");
    }
}

#[tokio::test]
async fn a_unix_socket_and_a_file_with_the_token_will_do() {
    let directory = tempfile::tempdir().unwrap();
    let (socket, file) = (directory.path().join("admin.sock"), directory.path().join("token"));
    let (router, _changes) = router();
    let listener = UnixListener::bind(&socket).unwrap();
    tokio::spawn(async { axum::serve(listener, router).await });
    std::fs::write(&file, format!("{TOKEN}\n")).unwrap();
    let admin = format!("unix:{}", socket.display());
    let (code, said) =
        ctl(&["--admin", &admin, "--token-file", file.to_str().unwrap()], None, "routes").await;
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("/api"), "{said}");
}

/// Runs a command in a terminal of its own, and drains the endpoint that is selected. Quits at SIGUSR2.
const IN_A_TERMINAL: &str = r#"
import fcntl, os, pty, select, signal, struct, sys, termios
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[1], sys.argv[1:])
signal.signal(signal.SIGUSR2, lambda *_: os.write(terminal, b'q'))
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 100, 0, 0))
seen = b''
def until(text):
    global seen
    while text not in seen:
        if not select.select([terminal], [], [], 10)[0]:
            sys.exit('waited for %r after %r' % (text, seen))
        seen += os.read(terminal, 65536)
until(b'\x1b[?1049h')
until(b'127.0.0.1:9001')
os.write(terminal, b'd')
until(b'\x1b[?1049l')
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"#;

#[tokio::test]
async fn top_lives_in_a_terminal_and_gives_it_back() {
    let Some(python) = require("python3") else { return };
    let mut operator = Operator::start().await;
    let mut command = Command::new(python);
    command.args([
        "-c",
        IN_A_TERMINAL,
        env!("CARGO_BIN_EXE_gateway"),
        "ctl",
        "--admin",
        &operator.admin,
        "top",
    ]);
    command.env("GATEWAY_TOKEN", TOKEN);
    let mut process = Process::start(command);
    let (done, _, header) = within("the drain", operator.changes.recv()).await.unwrap();
    assert_eq!(done, "POST /api/v1/pools/api/endpoints/00000000000000a1/drain");
    assert_eq!(header.as_deref(), Some("1"));
    process.signal(Signal::Usr2).await;
    assert_eq!(process.exit().await.code(), Some(0), "{:?}", process.lines());
}

#[tokio::test]
async fn a_gateway_answers() {
    let directory = tempfile::tempdir().unwrap();
    let (socket, file) = (directory.path().join("admin.sock"), directory.path().join("gateway.toml"));
    let admin = format!("unix:{}", socket.display());
    let keys = format!("listen = \"127.0.0.1:0\"\n[admin]\nlisten = \"{admin}\"\n");
    std::fs::write(&file, one_pool("http://127.0.0.1:1", &keys)).unwrap();
    let gateway = Process::gateway(["--config".as_ref(), file.as_os_str()]);
    gateway.line_with("gateway on").await;
    for (line, says) in
        [("status", "gateway 0.1.0, up for"), ("pools api", "http://127.0.0.1:1"), ("routes", "/api")]
    {
        let (code, said) = ctl(&["--admin", &admin], None, line).await;
        assert!(code == 0 && said.contains(says), "{line}: {said}");
    }
    let (code, said) = ctl(&["--admin", &admin], None, "pools none").await;
    assert!(code == 1 && said.contains("no pool none. There are api"), "{said}");
}
