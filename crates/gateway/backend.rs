//! The demo upstream: `gateway backend 9001`.
//!
//! It answers most requests with a description of the request, so that `curl` shows what the proxy has changed. A few
//! paths behave like upstreams that are difficult for a proxy:
//!
//! | path | answer |
//! |---|---|
//! | `/sse` | server-sent events, one a second, the first at once, without end |
//! | `/slow?ms=1500` | the head comes after so many milliseconds (default: 1000, at most: 60,000) |
//! | `/status/503` | that status, 200 to 599 |
//! | `/bytes/1000000` | so many bytes, with `Content-Length`; byte `i` is `i % 251` |
//! | `/echo` | the request's body and trailers as they arrive; with a WebSocket, each message |
//! | `POST /stop` | with [`stoppable`] alone: it stops, as an upstream that dies |
//! | everything else | `hello from upstream 9001`, the parts of the request line, the headers, the body |

mod bytes;
mod echo;
mod hello;
mod slow;
mod sse;
mod status;
mod stop;
#[cfg(test)]
mod tests;

use axum::Router;
use axum::routing::{any, post};
use http::HeaderMap;

use crate::serve::Shutdown;

/// The demo upstream as a router. `port` is the number in its answers; no socket is opened here.
pub fn router(port: u16) -> Router {
    Router::new()
        .route("/sse", any(move || sse::answer(port)))
        .route("/slow", any(move |uri| slow::answer(port, uri)))
        .route("/status/{code}", any(status::answer))
        .route("/bytes/{count}", any(bytes::answer))
        .route("/echo", any(echo::answer))
        .fallback(move |request| hello::answer(port, request))
}

/// The same, with `POST /stop`, which begins the shutdown of who serves it. For loopback only: anybody may ask for that.
pub fn stoppable(port: u16, shutdown: Shutdown) -> Router {
    let stop = move |headers: HeaderMap| stop::answer(port, shutdown.clone(), headers);
    router(port).route("/stop", post(stop).fallback(move |request| hello::answer(port, request)))
}
