//! Tells each request who sent it and over which connection, by request extensions.

use std::net::IpAddr;
use std::sync::OnceLock;

use axum::http::uri::Scheme;
use axum::http::{Extensions, HeaderMap, Request};
use proxy_service::{ClientConnection, Ends, Peer, TrustedPeers};

use crate::config::Redirect;
use crate::serve::Arrival;
#[cfg(feature = "tls")]
use crate::tls;

/// The client at the other end of a connection.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    /// A client of its own.
    client: Peer,
    /// The same as a trusted proxy, made when it is one for the first time. It has another client connection: a proxy
    /// sends the requests of many users over one, so no upstream connection may be bound to it by the NTLM credentials
    /// of one user.
    proxy: OnceLock<Peer>,
    /// The addresses of the connection.
    ends: Option<Ends>,
    /// Where its listener redirects to.
    redirect: Option<Redirect>,
    /// The version of TLS of its connection.
    tls: Option<Tls>,
}

impl Sender {
    pub(crate) fn of(arrival: &Arrival) -> Self {
        let peer = arrival.peer.map_or_else(Peer::unknown, Peer::new);
        #[cfg(feature = "tls")]
        let peer = secured(peer, arrival);
        let ends = arrival.peer.zip(arrival.local).map(|(client, server)| Ends::new(client, server));
        let connection = ends.map_or_else(ClientConnection::new, ClientConnection::between);
        let tls = tls_of(arrival);
        Self { client: peer.over(connection), proxy: OnceLock::new(), ends, redirect: None, tls }
    }

    fn proxy(&self) -> &Peer {
        self.proxy.get_or_init(|| self.client.clone().trusted().over(ClientConnection::of_a_proxy(self.ends)))
    }

    /// The same, at a listener that redirects.
    pub(crate) fn redirecting_to(self, redirect: Option<Redirect>) -> Self {
        Self { redirect, ..self }
    }

    /// Adds extensions to a request: the redirect of its listener; the peer; the client, if the peer is a trusted proxy
    /// that names one; and the connection, if upstream connections are bound to it.
    pub(crate) fn tell<B>(&self, request: &mut Request<B>, trusted: &TrustedPeers) {
        if let Some(redirect) = self.redirect {
            request.extensions_mut().insert(redirect);
        }
        if let Some(tls) = self.tls {
            request.extensions_mut().insert(tls);
        }
        if let Some(client) = named_by(&self.client, request, trusted) {
            request.extensions_mut().insert(client);
            request.extensions_mut().insert(self.proxy().clone());
            return;
        }
        if let Some(connection) = self.client.connection().filter(|connection| connection.is_bound()) {
            request.extensions_mut().insert(Bound(connection.clone()));
        }
        request.extensions_mut().insert(self.client.clone());
    }
}

/// The same peer, with what its TLS handshake has brought.
#[cfg(feature = "tls")]
fn secured(peer: Peer, arrival: &Arrival) -> Peer {
    let Some(secured) = &arrival.secured else { return peer };
    let peer = peer.over_tls();
    match secured.certificate.as_ref().and_then(tls::told) {
        Some(certificate) => peer.with_certificate(certificate),
        None => peer,
    }
}

/// The client that a trusted proxy names. `None` if the peer is none.
fn named_by<B>(peer: &Peer, request: &Request<B>, trusted: &TrustedPeers) -> Option<ClientIp> {
    let is_trusted = !peer.is_unknown() && trusted.contains(peer.ip());
    is_trusted.then(|| ClientIp(trusted.client_ip(peer.ip(), request.headers())))
}

/// The same as [`Sender::tell`] for a server that tells of the [`Peer`] alone: if that is a trusted proxy, adds the client
/// that it names.
pub(crate) fn tell_of_client<B>(request: &mut Request<B>, trusted: &TrustedPeers) {
    let Some(peer) = request.extensions().get::<Peer>() else { return };
    let Some(client) = named_by(peer, request, trusted) else { return };
    let ends = peer.connection().map(ClientConnection::ends);
    let proxy = peer.clone().trusted();
    let proxy = match ends {
        Some(ends) => proxy.over(ClientConnection::of_a_proxy(ends)),
        None => proxy,
    };
    request.extensions_mut().insert(client);
    request.extensions_mut().insert(proxy);
}

/// The version of TLS of the client's connection: a request extension.
#[derive(Clone, Copy, Debug)]
struct Tls(&'static str);

#[cfg(feature = "tls")]
fn tls_of(arrival: &Arrival) -> Option<Tls> {
    arrival.secured.as_ref().map(|secured| Tls(secured.version))
}

#[cfg(not(feature = "tls"))]
fn tls_of(_: &Arrival) -> Option<Tls> {
    None
}

/// The client that a trusted proxy names: a request extension.
#[derive(Clone, Copy, Debug)]
struct ClientIp(IpAddr);

/// The client's connection, to which upstream connections are bound: a request extension.
#[derive(Clone, Debug)]
pub(crate) struct Bound(pub(crate) ClientConnection);

/// The scheme of a request, as the upstream is told it: what a trusted proxy says, or else how the request came.
pub(crate) fn scheme<B>(request: &Request<B>) -> Scheme {
    scheme_of(request.extensions(), request.headers())
}

/// The scheme of a request with these extensions and headers.
pub(crate) fn scheme_of(extensions: &Extensions, headers: &HeaderMap) -> Scheme {
    let is_trusted = extensions.get::<ClientIp>().is_some();
    match headers.get("x-forwarded-proto").filter(|_| is_trusted) {
        Some(proto) if proto == "https" => Scheme::HTTPS,
        Some(_) => Scheme::HTTP,
        None => extensions.get::<Peer>().map_or(Scheme::HTTP, |peer| peer.scheme().clone()),
    }
}

/// Whether the peer of a request's connection is a trusted proxy.
pub(crate) fn is_trusted_proxy(extensions: &Extensions) -> bool {
    extensions.get::<ClientIp>().is_some()
}

/// The address that a request comes from: the client that a trusted proxy names, or else the peer of the connection.
pub(crate) fn client_ip(extensions: &Extensions) -> Option<IpAddr> {
    let named = extensions.get::<ClientIp>().map(|ClientIp(ip)| *ip);
    named.or_else(|| extensions.get::<Peer>().map(Peer::ip))
}

/// The version of TLS that a request came over.
pub(crate) fn tls(extensions: &Extensions) -> Option<&'static str> {
    extensions.get::<Tls>().map(|Tls(version)| *version)
}
