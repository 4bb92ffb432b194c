//! Who sent a request and which prefix a router took off, as extensions of a server's own say.

mod contract;
mod proxied;

use std::net::SocketAddr;

use bytes::Bytes;
use http::Request;
use http_body_util::Empty;

type Body = Empty<Bytes>;

/// What a server says of a connection.
#[derive(Clone)]
struct Accepted(SocketAddr);

fn addr() -> SocketAddr {
    "192.0.2.7:4711".parse().unwrap()
}

fn accepted() -> Request<Body> {
    Request::builder().header("host", "shop.example").extension(Accepted(addr())).body(Body::new()).unwrap()
}
