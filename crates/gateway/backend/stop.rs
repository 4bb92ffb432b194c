//! `POST /stop`: the demo upstream closes its listener, so that anybody can see what the gateway does about it.

use axum::response::{IntoResponse, Response};
use http::header::{ORIGIN, VIA};
use http::{HeaderMap, StatusCode};

use crate::serve::Shutdown;

/// Begins the shutdown, unless the request came through a proxy, such as the gateway, or from a page in a browser.
pub(super) async fn answer(port: u16, shutdown: Shutdown, headers: HeaderMap) -> Response {
    if headers.contains_key(VIA) || headers.contains_key(ORIGIN) {
        return (StatusCode::FORBIDDEN, "only by hand: no proxy and no page may stop it\n").into_response();
    }
    shutdown.begin();
    format!("upstream {port} stops\n").into_response()
}
