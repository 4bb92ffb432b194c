//! `/echo`: sends the request's body and trailers back as they arrive, or each message of a WebSocket.

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, TRAILER, UPGRADE};
use http::request::Parts;
use http::{Method, Request};

const LONGEST_MESSAGE: usize = 1 << 20;

pub(super) async fn answer(request: Request<Body>) -> Response {
    let (mut parts, body) = request.into_parts();
    if !wants_websocket(&parts) {
        return echo_body(&parts, body);
    }
    match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
        Ok(upgrade) => upgrade.max_message_size(LONGEST_MESSAGE).on_upgrade(echo_messages),
        Err(rejection) => rejection.into_response(),
    }
}

/// Whether the request asks for a WebSocket: by `Upgrade` in HTTP/1.1 (RFC 6455), by extended CONNECT in HTTP/2 (RFC
/// 8441).
fn wants_websocket(parts: &Parts) -> bool {
    let names_websocket = |value: &http::HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"websocket");
    parts.method == Method::CONNECT || parts.headers.get(UPGRADE).is_some_and(names_websocket)
}

fn echo_body(request: &Parts, body: Body) -> Response {
    let mut response = Response::new(body);
    // `Trailer` announces the trailers that are sent back (RFC 9110 §6.6.2).
    for name in [CONTENT_TYPE, TRAILER] {
        for value in request.headers.get_all(&name) {
            response.headers_mut().append(&name, value.clone());
        }
    }
    response
}

/// Sends each message back. `WebSocket` answers pings and closes itself while it is read.
async fn echo_messages(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        if matches!(message, Message::Text(_) | Message::Binary(_)) && socket.send(message).await.is_err() {
            break;
        }
    }
}
