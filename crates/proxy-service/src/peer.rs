//! Who sent a request, as the listener knows it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use http::HeaderValue;
use http::uri::Scheme;

use crate::client::ClientConnection;

/// Who sent a request: an extension that the server puts into each request.
///
/// It is the only source for `X-Forwarded-For` and `X-Forwarded-Proto`. Without it the upstream is sent neither; what
/// the client claims in these headers is dropped all the same. [`PeerLayer`](crate::PeerLayer) makes a `Peer` from
/// what a server such as axum says in its own way.
///
/// Making one renders the address as text. So make one for each connection, and clone it into each request.
#[derive(Clone, Debug)]
pub struct Peer {
    addr: SocketAddr,
    scheme: Scheme,
    ip: HeaderValue,
    connection: Option<ClientConnection>,
    is_trusted: bool,
    certificate: Option<Arc<ClientCertificate>>,
}

/// The certificate that a client has shown, as the upstream is told of it. Nobody else can set these headers: what the
/// client sends in them is dropped, also if the peer is trusted, since few proxies drop them.
#[derive(Clone, Debug)]
pub struct ClientCertificate {
    /// `Client-Cert` (RFC 9440 §2.2): the certificate itself, as a Byte Sequence (RFC 8941 §3.3.5).
    pub client_cert: HeaderValue,
    /// `X-Forwarded-Client-Cert`, in Envoy's form: what stands in the certificate, for those who don't read it
    /// themselves.
    pub x_forwarded_client_cert: HeaderValue,
    /// Its subject as text (RFC 4514), for layers in front. It isn't sent by itself.
    pub subject: HeaderValue,
}

impl Peer {
    /// A peer over plain TCP. An IPv4-mapped IPv6 address becomes the IPv4 address.
    pub fn new(addr: SocketAddr) -> Self {
        let addr = SocketAddr::new(addr.ip().to_canonical(), addr.port());
        let ip = HeaderValue::from_str(&addr.ip().to_string()).expect("an IP address is visible ASCII");
        Self { addr, scheme: Scheme::HTTP, ip, connection: None, is_trusted: false, certificate: None }
    }

    /// A peer without an address: one that came over a Unix socket, or for whom a proxy spoke that doesn't say who it is.
    /// Upstreams are told `unknown` (RFC 7239 §6.2), and [`TrustedPeers`](crate::TrustedPeers) never trust it. In
    /// [`addr`](Self::addr) and [`ip`](Self::ip) it is `0.0.0.0`.
    pub fn unknown() -> Self {
        let addr = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 0);
        Self { ip: HeaderValue::from_static("unknown"), ..Self::new(addr) }
    }

    /// Whether it has no address.
    pub fn is_unknown(&self) -> bool {
        self.addr.ip().is_unspecified()
    }

    /// The same peer, over TLS.
    pub fn over_tls(self) -> Self {
        Self { scheme: Scheme::HTTPS, ..self }
    }

    /// The same peer, with the connection that it came over. Upstream connections may be bound to it: see
    /// [`ClientConnection`].
    ///
    /// Make one for each connection that is accepted:
    ///
    /// ```
    /// use proxy_service::{ClientConnection, Peer};
    ///
    /// let accepted = "127.0.0.1:4711".parse()?;                           // by a listener
    /// let peer = Peer::new(accepted).over(ClientConnection::new());       // once
    /// let mut request = http::Request::new(());
    /// request.extensions_mut().insert(peer.clone());                      // for each request
    /// # Ok::<(), std::net::AddrParseError>(())
    /// ```
    #[must_use]
    pub fn over(self, connection: ClientConnection) -> Self {
        Self { connection: Some(connection), ..self }
    }

    /// The same peer, as a proxy of yours: what it says of the client is passed on, as if
    /// [`ProxyLayer::trusted_peers`](crate::ProxyLayer::trusted_peers) named it. For a server that decides this anew for
    /// each request.
    #[must_use]
    pub fn trusted(self) -> Self {
        Self { is_trusted: true, ..self }
    }

    /// The same peer, which has shown this certificate, and has proved that it has the key to it.
    #[must_use]
    pub fn with_certificate(self, certificate: ClientCertificate) -> Self {
        Self { certificate: Some(Arc::new(certificate)), ..self }
    }

    /// The address and port.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The address alone.
    pub fn ip(&self) -> IpAddr {
        self.addr.ip()
    }

    /// `http` or `https`.
    pub fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// The connection that the request came over, if the server says so.
    pub fn connection(&self) -> Option<&ClientConnection> {
        self.connection.as_ref()
    }

    /// The certificate that the client has shown.
    pub fn certificate(&self) -> Option<&ClientCertificate> {
        self.certificate.as_deref()
    }

    pub(crate) fn is_trusted(&self) -> bool {
        self.is_trusted
    }

    pub(crate) fn ip_value(&self) -> &HeaderValue {
        &self.ip
    }
}

/// A peer over plain TCP, as [`Peer::new`] makes it.
impl From<SocketAddr> for Peer {
    fn from(addr: SocketAddr) -> Self {
        Self::new(addr)
    }
}
