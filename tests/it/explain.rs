//! `gateway explain`: what it says would be sent is what an upstream gets.

use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gateway::config::Config;
use gateway::explain::{Known, Question, explain};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support::gateway::{TestGateway, one_pool};
use crate::support::operator::ask;
use crate::support::process::{Process, Stream};
use crate::support::within;

/// A request with its id, since a new one is never the same.
fn asked(method: &str, target: &str, lines: &[&str]) -> Question {
    let question = Question::new(method, target).unwrap().field("x-request-id: the-same").unwrap();
    lines.iter().fold(question, |question, line| question.field(line).unwrap())
}

/// Sends the request to a gateway, and checks that its upstream gets what was explained.
async fn arrives_as_explained(keys: &str, route: &str, question: &Question) {
    let upstream = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/base", upstream.local_addr().unwrap());
    let text = one_pool(&url, "").replace("[routes", &format!("{keys}\n[routes")) + route;
    let gateway = TestGateway::start(&text);
    let explained = explained_at(gateway.addr, &text, question).await;

    let mut client = TcpStream::connect(gateway.addr).await.unwrap();
    client.write_all(&question.wire(&gateway.addr.to_string())).await.unwrap();
    let (mut connection, _) = within("the gateway to connect", upstream.accept()).await.unwrap();
    let mut got = vec![0; explained.len()];
    within("the whole request", connection.read_exact(&mut got)).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&got), String::from_utf8_lossy(&explained));
    connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut rest = Vec::new();
    let mut answer = [0; 12];
    within("the answer", client.read_exact(&mut answer)).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    drop(client);
    within("the end", connection.read_to_end(&mut rest)).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&rest), "", "more than was explained");
}

async fn explained_at(addr: SocketAddr, text: &str, question: &Question) -> Vec<u8> {
    let config = Config::parse("test.toml", format!("listen = \"{addr}\"\n{text}"), |_| None).unwrap();
    let explanation = explain(&config, question, &Known::default()).await.unwrap();
    let sends = explanation.sends.as_ref().unwrap_or_else(|| panic!("{explanation}"));
    STANDARD.decode(&sends.base64).unwrap()
}

#[tokio::test]
async fn the_upstream_gets_what_was_explained() {
    let (title, preserve) = ("header_case = \"title\"", "host = \"preserve\"");
    for (keys, route, question) in [
        (
            "",
            "",
            asked(
                "GET",
                "http://a.example/api/x?y=%2f&z",
                &["Accept: */*", "cookie: a=b", "X-A: 1", "x-a: 2"],
            ),
        ),
        (
            "",
            "",
            asked(
                "GET",
                "/api",
                &["connection: x-hop, close", "x-hop: 1", "te: trailers, gzip", "via: 1.0 b"],
            ),
        ),
        (
            "",
            "",
            asked(
                "HEAD",
                "/api/x",
                &["x-forwarded-for: 10.0.0.1", "forwarded: for=10.0.0.1", "x-admin-token: no"],
            ),
        ),
        ("", preserve, asked("GET", "https://a.example/api//x/y", &[])),
        (title, "", asked("POST", "/api/x", &["content-type: text/plain"]).body("body")),
        ("", "", asked("POST", "/api/x", &[])),
        ("", "", asked("PUT", "/api/x", &["transfer-encoding: chunked"]).body("4\r\nbody\r\n0\r\n\r\n")),
        ("", "", asked("OPTIONS", "/api/x", &["max-forwards: 5"])),
        (
            "",
            "",
            asked(
                "GET",
                "/api/ws",
                &[
                    "connection: upgrade",
                    "upgrade: websocket",
                    "sec-websocket-version: 13",
                    "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==",
                ],
            ),
        ),
    ] {
        arrives_as_explained(keys, route, &question).await;
    }
}

#[tokio::test]
async fn the_command_says_it_and_its_exit_code_does() {
    for (line, code, says) in [
        ("explain GET http://a.example/api/users", 0, "GET /users HTTP/1.1"),
        ("explain http://a.example/api/users --client 10.0.0.7", 0, "x-forwarded-for: 10.0.0.7"),
        ("explain POST /api/x -d body --json", 0, "\"is_certain\": false"),
        ("explain GET /admin/x", 1, "answers 401"),
        ("explain GET /admin/x -H x-admin-token:letmein", 0, "-> http://127.0.0.1:9002"),
        ("explain GET /nowhere", 1, "answers 404"),
        ("explain GET nowhere", 2, "expected http://HOST/PATH"),
        ("explain --config /nowhere.toml GET /", 2, "/nowhere.toml"),
    ] {
        let mut process = Process::gateway(line.split(' '));
        assert_eq!(process.exit().await.code(), Some(code), "{line}: {:#?}", process.lines());
        let said = process.text(Stream::Out) + &process.text(Stream::Err);
        assert!(said.contains(says), "{line}: {said}");
    }
}

#[tokio::test]
async fn a_gateway_that_runs_explains_itself() {
    let gateway = TestGateway::start(&one_pool("http://127.0.0.1:1", ""));
    let path = "/api/v1/explain?url=http://a.example/api/users%3Fx=1&header=x-user:%207&client=10.0.0.7";
    within("the pools to be there", async {
        while !ask(&gateway.handle, path).await.text.contains("127.0.0.1:1\"") {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let said = ask(&gateway.handle, path).await.json();
    assert_eq!((&said["route"], &said["endpoint"]["url"]), (&"/api".into(), &"http://127.0.0.1:1".into()));
    let sent = said["sends"]["text"].as_str().unwrap();
    assert!(sent.starts_with("GET /users?x=1 HTTP/1.1\r\nhost: 127.0.0.1:1\r\nx-user: 7\r\n"), "{sent}");
    assert!(sent.contains("x-forwarded-for: 10.0.0.7\r\n"), "{sent}");
    for query in ["", "?url=nonsense", "?url=/&client=x", "?url=/&header=x", "?url=/&method=G%20T"] {
        let said = ask(&gateway.handle, &format!("/api/v1/explain{query}")).await;
        assert!(said.status == 422 && said.text.contains("expected"), "{query}: {said:?}");
    }
}
