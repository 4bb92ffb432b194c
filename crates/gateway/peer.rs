//! Who is at the other end, and of which connection: told to every request.

use std::net::{IpAddr, SocketAddr};

use axum::body::Body;
use axum::http::{Extensions, Request};
use proxy_service::{ClientConnection, Peer, TrustedPeers};
use tower::{Service, ServiceBuilder};

use crate::serve::RequestBody;

/// A service for one connection: its requests carry the peer, the client that a trusted peer speaks for, and the connection if
/// upstream connections are bound to it.
pub(crate) fn told<S>(
    stack: S,
    addr: SocketAddr,
    trusted: TrustedPeers,
) -> impl Service<Request<RequestBody>, Response = S::Response, Error = S::Error, Future = S::Future>
+ Clone
+ Send
+ Sync
where
    S: Service<Request<Body>> + Clone + Send + Sync,
{
    let peer = peer(addr, &trusted);
    ServiceBuilder::new()
        .map_request(move |mut request: Request<RequestBody>| {
            if trusted.contains(peer.ip()) {
                let client = ClientIp(trusted.client_ip(peer.ip(), request.headers()));
                request.extensions_mut().insert(client);
            }
            if let Some(connection) = peer.connection().filter(|connection| connection.is_bound()) {
                request.extensions_mut().insert(Bound(connection.clone()));
            }
            request.extensions_mut().insert(peer.clone());
            request.map(Body::new)
        })
        .service(stack)
}

/// A trusted peer is a proxy, which sends the requests of many users over one connection: none of them may authenticate it.
fn peer(addr: SocketAddr, trusted: &TrustedPeers) -> Peer {
    let peer = Peer::new(addr);
    if trusted.contains(peer.ip()) { peer } else { peer.over(ClientConnection::new()) }
}

/// The client that a trusted peer speaks for: a request extension.
#[derive(Clone, Copy, Debug)]
struct ClientIp(IpAddr);

/// The client's connection, if upstream connections are bound to it: a request extension.
#[derive(Clone, Debug)]
pub(crate) struct Bound(pub(crate) ClientConnection);

/// Whom the request comes from, as far as anyone trusted says so.
pub(crate) fn client_ip(extensions: &Extensions) -> Option<IpAddr> {
    let named = extensions.get::<ClientIp>().map(|ClientIp(ip)| *ip);
    named.or_else(|| extensions.get::<Peer>().map(Peer::ip))
}
