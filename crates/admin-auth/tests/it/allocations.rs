//! How many allocations the gate makes on the way to an inner service that makes none.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use admin_auth::{AdminAuth, AdminAuthLayer, AdminToken, Credential, TokenSet};
use http::{Extensions, Request, Response, StatusCode};
use http_body_util::Empty;
use tower::{Layer, Service};

const SECRET: &str = "0123456789abcdef0123456789abcdef";

#[derive(Clone)]
struct Inner;

impl Service<Request<()>> for Inner {
    type Response = Response<Empty<&'static [u8]>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        ready(Ok(Response::new(Empty::new())))
    }
}

fn allocations(gate: &mut AdminAuth<Inner>, request: Request<()>) -> u64 {
    let mut request = Some(request);
    let measured = allocation_counter::measure(|| {
        let mut future = pin!(gate.call(request.take().unwrap()));
        let answer = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(answer, Poll::Ready(Ok(response)) if response.status() == StatusCode::OK));
    });
    measured.count_total
}

/// A request as a server hands it over: with headers, and with the peer in the extensions.
fn request(name: &'static str, value: String) -> Request<()> {
    let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
    Request::get("/admin?q=1")
        .extension(peer)
        .header("host", "example.com")
        .header(name, value)
        .header("accept", "*/*")
        .body(())
        .unwrap()
}

fn header() -> Request<()> {
    request(crate::support::HEADER, SECRET.to_owned())
}

fn layer(token: AdminToken) -> AdminAuthLayer {
    let others = (0..20).map(|n| AdminToken::new(format!("other-{n}")).unwrap().label("other"));
    AdminAuthLayer::new(others.chain([token]).collect::<TokenSet>())
        .throttle_by(|extensions| extensions.get::<IpAddr>().copied())
}

#[test]
fn accepting_allocates_nothing() {
    let token = AdminToken::new(SECRET).unwrap();
    let mut gate = layer(token.clone()).layer(Inner);
    assert_eq!(allocations(&mut gate, header()), 0);

    let mut bearer = layer(token).credential(Credential::bearer()).layer(Inner);
    assert_eq!(allocations(&mut bearer, request("authorization", format!("Bearer {SECRET}"))), 0);
}

#[test]
fn a_label_costs_the_one_box_that_extensions_put_it_in() {
    let mut gate = layer(AdminToken::new(SECRET).unwrap().label("ops")).layer(Inner);
    assert_eq!(allocations(&mut gate, header()), 1);

    let mut bare = header();
    *bare.extensions_mut() = Extensions::new();
    assert_eq!(
        allocations(&mut gate, bare),
        3,
        "where the server made no extensions, they and their table too"
    );
}
