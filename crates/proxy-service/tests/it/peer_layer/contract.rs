//! Tower's contract, and which peer the service below is told.

use std::convert::Infallible;
use std::future::{Ready, pending, ready};
use std::net::SocketAddr;
use std::task::{Context, Poll, Waker};

use http::Request;
use proxy_service::{ClientConnection, Peer, PeerLayer};
use tower::{Layer, Service, ServiceBuilder, ServiceExt};

use super::{Accepted, Body, accepted, addr};

/// Answers with the peer that it is told. It may be called once each time that it was ready.
#[derive(Default)]
struct Strict {
    is_ready: bool,
}

impl Clone for Strict {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Service<Request<Body>> for Strict {
    type Response = Option<Peer>;
    type Error = Infallible;
    type Future = Ready<Result<Option<Peer>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.is_ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        assert!(std::mem::take(&mut self.is_ready), "called before it was ready");
        ready(Ok(request.extensions().get::<Peer>().cloned()))
    }
}

#[tokio::test]
async fn the_instance_that_became_ready_is_the_one_called() {
    let layer = PeerLayer::from_extension(|Accepted(addr): &Accepted| *addr);
    let mut service = layer.layer(Strict::default());
    for _ in 0..3 {
        let peer = service.ready().await.unwrap().call(accepted()).await.unwrap().unwrap();
        assert_eq!((peer.addr(), peer.scheme().as_str()), (addr(), "http"));
    }
    let peer = service.clone().oneshot(accepted()).await.unwrap().unwrap();
    assert_eq!(peer.addr(), addr());
}

#[tokio::test]
async fn whatever_becomes_a_peer_may_come_from_the_extension() {
    let over_tls = PeerLayer::from_extension(|Accepted(addr): &Accepted| Peer::new(*addr).over_tls());
    let peer = over_tls.layer(Strict::default()).oneshot(accepted()).await.unwrap().unwrap();
    assert_eq!(peer.scheme().as_str(), "https");

    let of_connection = PeerLayer::from_extension(Peer::clone);
    let mut request = accepted();
    request.extensions_mut().insert(Peer::new(addr()).over(ClientConnection::new()));
    let peer = of_connection.layer(Strict::default()).oneshot(request).await.unwrap().unwrap();
    assert!(peer.connection().is_some());
}

#[tokio::test]
async fn a_peer_is_replaced_only_where_the_extension_is() {
    let service = PeerLayer::from_extension(|Accepted(addr): &Accepted| *addr).layer(Strict::default());
    let other: SocketAddr = "198.51.100.1:80".parse().unwrap();

    let mut request = accepted();
    request.extensions_mut().insert(Peer::from(other));
    let peer = service.clone().oneshot(request).await.unwrap().unwrap();
    assert_eq!(peer.addr(), addr());

    let mut without = Request::new(Body::new());
    without.extensions_mut().insert(Peer::from(other));
    let peer = service.clone().oneshot(without).await.unwrap().unwrap();
    assert_eq!(peer.addr(), other);

    assert!(service.oneshot(Request::new(Body::new())).await.unwrap().is_none());
}

#[tokio::test]
async fn it_is_ready_when_the_service_below_it_is() {
    let below = ServiceBuilder::new()
        .concurrency_limit(1)
        .service_fn(|_: Request<Body>| pending::<Result<(), Infallible>>());
    let mut one = PeerLayer::from_extension(|Accepted(addr): &Accepted| *addr).layer(below);
    let mut other = one.clone();
    let under_way = one.ready().await.unwrap().call(accepted());

    let mut cx = Context::from_waker(Waker::noop());
    assert!(Service::<Request<Body>>::poll_ready(&mut other, &mut cx).is_pending());
    drop(under_way);
    assert!(Service::<Request<Body>>::poll_ready(&mut other, &mut cx).is_ready());
}

#[tokio::test]
async fn the_errors_of_the_service_below_it_pass() {
    struct Unready;
    impl Service<Request<Body>> for Unready {
        type Response = ();
        type Error = &'static str;
        type Future = Ready<Result<(), &'static str>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), &'static str>> {
            Poll::Ready(Err("from poll_ready"))
        }

        fn call(&mut self, _: Request<Body>) -> Self::Future {
            ready(Err("from call"))
        }
    }
    let mut service = PeerLayer::from_extension(|Accepted(addr): &Accepted| *addr).layer(Unready);
    assert_eq!(service.ready().await.err(), Some("from poll_ready"));
    assert_eq!(service.call(accepted()).await, Err("from call"));
}

#[test]
fn it_is_send_sync_and_clone_whatever_the_extension_is() {
    struct NotClone(SocketAddr);
    fn assert<T: Clone + Send + Sync + 'static>(_: &T) {}
    let layer = PeerLayer::from_extension(|NotClone(addr): &NotClone| *addr);
    assert(&layer);
    assert(&layer.layer(Strict::default()));
    assert!(format!("{layer:?}").contains("NotClone"), "{layer:?}");
}
