//! Tells each request who sent it and over which connection, by request extensions.

use std::net::IpAddr;

use axum::body::Body;
use axum::http::{Extensions, Request};
use proxy_service::{ClientConnection, Peer, TrustedPeers};
use tower::{Service, ServiceBuilder};

use crate::serve::{Arrival, RequestBody};

/// Makes the service for one connection. It adds extensions to each request: the peer; the client, if the peer is a
/// trusted proxy that names one; and the connection, if upstream connections are bound to it.
pub(crate) fn told<S>(
    stack: S,
    arrival: &Arrival,
    trusted: TrustedPeers,
) -> impl Service<Request<RequestBody>, Response = S::Response, Error = S::Error, Future = S::Future>
+ Clone
+ Send
+ Sync
+ use<S>
where
    S: Service<Request<Body>> + Clone + Send + Sync,
{
    let peer = peer(arrival, &trusted);
    ServiceBuilder::new()
        .map_request(move |mut request: Request<RequestBody>| {
            if is_trusted(&peer, &trusted) {
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

/// The [`Peer`] of a connection. That of a trusted proxy has no client connection: a proxy sends the requests of many
/// users over one connection, so no upstream connection may be bound to it by the NTLM credentials of one user.
fn peer(arrival: &Arrival, trusted: &TrustedPeers) -> Peer {
    let peer = arrival.peer.map_or_else(Peer::unknown, Peer::new);
    if is_trusted(&peer, trusted) { peer } else { peer.over(ClientConnection::new()) }
}

fn is_trusted(peer: &Peer, trusted: &TrustedPeers) -> bool {
    !peer.is_unknown() && trusted.contains(peer.ip())
}

/// The client that a trusted proxy names: a request extension.
#[derive(Clone, Copy, Debug)]
struct ClientIp(IpAddr);

/// The client's connection, to which upstream connections are bound: a request extension.
#[derive(Clone, Debug)]
pub(crate) struct Bound(pub(crate) ClientConnection);

/// The address that a request comes from: the client that a trusted proxy names, or else the peer of the connection.
pub(crate) fn client_ip(extensions: &Extensions) -> Option<IpAddr> {
    let named = extensions.get::<ClientIp>().map(|ClientIp(ip)| *ip);
    named.or_else(|| extensions.get::<Peer>().map(Peer::ip))
}
