//! `TrustedProxiesLayer`: who the client is, where a proxy of one's own stands in front.

use std::task::{Context, Poll};

use axum::http::Request;
use proxy_service::TrustedPeers;
use tower::{Layer, Service};

use crate::peer;

/// Believes what proxies of yours say of their clients. Put it behind what tells who the peer is, such as a
/// [`PeerLayer`](proxy_service::PeerLayer).
///
/// The layers below it then go by the client's own address: rates by client, addresses and wrong passwords of guards,
/// conditions of routes, `{client_ip}` and `{scheme}`. It is the last one in `X-Forwarded-For` that is none of a trusted
/// peer's. A [`ProxyService`](proxy_service::ProxyService) passes on what such a peer says.
///
/// ```
/// use std::net::SocketAddr;
/// use axum::{Router, extract::ConnectInfo, routing::get};
/// use gateway::route::{TrustedProxiesLayer, entry::{Addresses, GuardLayer}};
/// use proxy_service::{PeerLayer, TrustedPeers};
/// use tower::ServiceBuilder;
///
/// let ours = TrustedPeers::new(|ip| ip.is_loopback());
/// let app: Router = Router::new().route("/", get(|| async { "hello" })).layer(
///     ServiceBuilder::new()
///         .layer(PeerLayer::from_extension(|ConnectInfo(addr): &ConnectInfo<SocketAddr>| *addr))
///         .layer(TrustedProxiesLayer::new(ours))
///         .layer(GuardLayer::new(Addresses::new().deny(["192.0.2.0/24".parse()?]))),
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct TrustedProxiesLayer {
    trusted: TrustedPeers,
}

impl TrustedProxiesLayer {
    /// Believes these.
    pub fn new(trusted: TrustedPeers) -> Self {
        Self { trusted }
    }
}

impl<S> Layer<S> for TrustedProxiesLayer {
    type Service = BehindProxies<S>;

    fn layer(&self, inner: S) -> BehindProxies<S> {
        BehindProxies { inner, trusted: self.trusted.clone() }
    }
}

/// The service of a [`TrustedProxiesLayer`].
#[derive(Clone, Debug)]
pub struct BehindProxies<S> {
    inner: S,
    trusted: TrustedPeers,
}

impl<S, B> Service<Request<B>> for BehindProxies<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        peer::tell_of_client(&mut request, &self.trusted);
        self.inner.call(request)
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use proxy_service::{ClientConnection, Peer};

    use super::*;

    fn client(peer: &str, claim: &str) -> (Option<IpAddr>, bool) {
        let own = ClientConnection::new();
        let peer = Peer::new(peer.parse().unwrap()).over(own.clone());
        let mut request = Request::get("/").header("x-forwarded-for", claim).body(()).unwrap();
        request.extensions_mut().insert(peer);
        peer::tell_of_client(&mut request, &TrustedPeers::new(|ip| ip.is_loopback()));
        let extensions = request.extensions();
        (peer::client_ip(extensions), peer::is_trusted_proxy(extensions))
    }

    #[test]
    fn only_who_is_trusted_is_believed() {
        let address = |text: &str| Some(text.parse::<IpAddr>().unwrap());
        for (peer, claim, expected, is_believed) in [
            ("192.0.2.1:7", "10.0.0.1", "192.0.2.1", false),
            ("127.0.0.1:7", "10.0.0.1", "10.0.0.1", true),
            ("127.0.0.1:7", "6.6.6.6, 10.0.0.1, 127.0.0.2", "10.0.0.1", true),
            ("127.0.0.1:7", "nobody", "127.0.0.1", true),
        ] {
            assert_eq!(client(peer, claim), (address(expected), is_believed), "{peer} {claim}");
        }
    }

    #[test]
    fn without_a_peer_nobody_is_believed() {
        let mut request = Request::get("/").header("x-forwarded-for", "10.0.0.1").body(()).unwrap();
        peer::tell_of_client(&mut request, &TrustedPeers::new(|_| true));
        assert_eq!(peer::client_ip(request.extensions()), None);
        request.extensions_mut().insert(Peer::unknown());
        peer::tell_of_client(&mut request, &TrustedPeers::new(|_| true));
        assert!(!peer::is_trusted_proxy(request.extensions()));
    }
}
