//! The demo upstream: `gateway backend 9001`.
//!
//! Any request is answered by a description of itself, so that `curl` shows what a proxy made of it. A few paths behave
//! like the upstreams that make proxies difficult:
//!
//! | path | answer |
//! |---|---|
//! | `/sse` | server-sent events, one a second, the first at once, without end |
//! | `/slow?ms=1500` | the head comes after so many milliseconds (default 1000, at most a minute) |
//! | `/status/503` | that status, 200 to 599 |
//! | `/bytes/1000000` | so many bytes, with `Content-Length`; byte `i` is `i % 251` |
//! | `/echo` | the request's body and trailers as they come; a WebSocket is echoed message by message |
//! | everything else | `hello from upstream 9001`, the request line's parts, the headers, the body |

mod bytes;
mod echo;
mod hello;
mod slow;
mod sse;
mod status;
#[cfg(test)]
mod tests;

use axum::Router;
use axum::routing::any;

/// The demo upstream's routes. `port` is the name that it answers with; no socket is opened here.
pub fn router(port: u16) -> Router {
    Router::new()
        .route("/sse", any(move || sse::answer(port)))
        .route("/slow", any(move |uri| slow::answer(port, uri)))
        .route("/status/{code}", any(status::answer))
        .route("/bytes/{count}", any(bytes::answer))
        .route("/echo", any(echo::answer))
        .fallback(move |request| hello::answer(port, request))
}
