//! Which extended CONNECTs become no tunnel.

use super::*;
use crate::support::recorder::{RecordingUpstream, Script};

/// The answer, and its body.
async fn answer_to(gateway: &TestGateway, request: http::request::Builder) -> (u16, HeaderMap, Vec<u8>) {
    let requests = connect(gateway).await;
    let (answer, _open) = ask(&requests, request).await;
    let (head, mut received) = within("an answer", answer).await.unwrap().into_parts();
    let mut body = Vec::new();
    while let Some(data) = within("the body", received.data()).await {
        body.extend(data.unwrap());
    }
    (head.status.as_u16(), head.headers, body)
}

#[tokio::test]
async fn an_upstreams_refusal_passes_as_it_is() {
    let upstream = RecordingUpstream::start(|_| {
        Script::raw("HTTP/1.1 403 Forbidden\r\nX-Why: mood\r\nContent-Length: 2\r\n\r\nno")
    })
    .await;
    let gateway = Sole::new(upstream.addr()).start();
    let (status, headers, body) = answer_to(&gateway, extended_connect("websocket", "/ws")).await;
    assert_eq!((status, headers["x-why"].as_bytes(), body.as_slice()), (403, &b"mood"[..], &b"no"[..]));
}

/// The client would take a 2xx for a tunnel, and a wrong `Sec-WebSocket-Accept` comes from no WebSocket server.
#[tokio::test]
async fn an_answer_that_is_no_agreement_is_a_502() {
    const NO_KEY: &str =
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    const WRONG_KEY: &str = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                             Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    for answer in ["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", NO_KEY, WRONG_KEY] {
        let upstream = RecordingUpstream::start(move |_| Script::raw(answer)).await;
        let gateway = Sole::new(upstream.addr()).start();
        let (status, headers, _) = answer_to(&gateway, extended_connect("websocket", "/ws")).await;
        assert_eq!(status, 502, "{answer}");
        assert!(headers["proxy-status"].to_str().unwrap().contains("http_upgrade_failed"), "{headers:?}");
    }
}

#[tokio::test]
async fn what_the_gateway_refuses_reaches_no_upstream() {
    let upstream = RecordingUpstream::start(|_| Script::ok("no")).await;
    let gateway = Sole::new(upstream.addr()).start();
    let websocket = || extended_connect("websocket", "/ws");
    for (request, status) in [
        (extended_connect("connect-udp", "/ws"), 501),
        (extended_connect("webtransport", "/ws"), 501),
        (extended_connect("websocket", "/ws/../x"), 400),
        (extended_connect("websocket", "/gated"), 401),
        (Request::connect("test:80"), 405),
        (websocket().header("content-length", "0"), 400),
        (websocket().header("host", "other"), 400),
    ] {
        let shown = format!("{request:?}");
        assert_eq!(answer_to(&gateway, request).await.0, status, "{shown}");
    }
    assert!(upstream.requests().is_empty());
}

/// The upstream gets a GET with `Upgrade`, so a gate for either counts.
#[tokio::test]
async fn it_leads_around_no_gate_for_get() {
    let upstream = RecordingUpstream::start(|_| Script::ok("no")).await;
    let config = format!(
        "[pools.one]\nupstreams = [\"{}\"]\n[routes.\"/\"]\npool = \"one\"\n[[route]]\nname = \"gate\"\n\
         prefix = \"/ws\"\nmethods = [\"GET\"]\npool = \"one\"\nadmin_tokens = [\"letmein\"]\n\
         [[route]]\nname = \"upgrades\"\nprefix = \"/up\"\nheaders = {{ upgrade = \"websocket\" }}\n\
         pool = \"one\"\nadmin_tokens = [\"letmein\"]\n",
        upstream.url()
    );
    let gateway = TestGateway::start(&config);
    for path in ["/ws", "/ws/x", "/up", "/up/x"] {
        assert_eq!(answer_to(&gateway, extended_connect("websocket", path)).await.0, 401, "{path}");
    }
    assert_eq!(answer_to(&gateway, extended_connect("websocket", "/%77s")).await.0, 400);
    assert!(upstream.requests().is_empty());
}

#[tokio::test]
async fn a_route_without_websockets_has_none() {
    let upstream = RecordingUpstream::start(|_| Script::ok("no")).await;
    for allowed in ["upgrade = []", "upgrade = [\"tcp\"]"] {
        let gateway = Sole::new(upstream.addr()).route(allowed).start();
        assert_eq!(answer_to(&gateway, extended_connect("websocket", "/ws")).await.0, 501, "{allowed}");
    }
    assert!(upstream.requests().is_empty());
}

/// `:protocol` belongs to CONNECT alone: h2 resets the stream.
#[tokio::test]
async fn another_method_with_a_protocol_is_malformed() {
    let upstream = RecordingUpstream::start(|_| Script::ok("no")).await;
    let gateway = Sole::new(upstream.addr()).start();
    let requests = connect(&gateway).await;
    let request = Request::get("http://test/ws").extension(Protocol::from("websocket"));
    let (answer, _open) = ask(&requests, request).await;
    let error = within("a reset", answer).await.unwrap_err();
    assert_eq!(error.reason(), Some(h2::Reason::PROTOCOL_ERROR));
    assert!(upstream.requests().is_empty());
}
