//! Who sent the request, as the listener knows it: the one fact that no header can be trusted for.

use std::net::{IpAddr, SocketAddr};

use http::HeaderValue;
use http::uri::Scheme;

use crate::client::ClientConnection;

/// The connection that a request came over. The server puts it into the request's extensions; without it, no
/// `X-Forwarded-For` or `-Proto` is sent, and whatever the client claimed is dropped all the same.
///
/// Make one a connection and clone it into each request: the texts are rendered once.
#[derive(Clone, Debug)]
pub struct Peer {
    addr: SocketAddr,
    scheme: Scheme,
    ip: HeaderValue,
    connection: Option<ClientConnection>,
}

impl Peer {
    /// A peer over plain TCP. An IPv4-mapped IPv6 address counts as the IPv4 address that it is.
    pub fn new(addr: SocketAddr) -> Self {
        let addr = SocketAddr::new(addr.ip().to_canonical(), addr.port());
        let ip = HeaderValue::from_str(&addr.ip().to_string()).expect("an IP address is visible ASCII");
        Self { addr, scheme: Scheme::HTTP, ip, connection: None }
    }

    /// The same peer, over TLS.
    pub fn over_tls(self) -> Self {
        Self { scheme: Scheme::HTTPS, ..self }
    }

    /// The same peer, over this connection, which upstream connections may be bound to: see [`ClientConnection`].
    ///
    /// One for each connection that is accepted:
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

    /// Address and port.
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

    /// What it came over, if the server says so.
    pub fn connection(&self) -> Option<&ClientConnection> {
        self.connection.as_ref()
    }

    pub(crate) fn ip_value(&self) -> &HeaderValue {
        &self.ip
    }
}

/// A peer over plain TCP, as by [`Peer::new`].
impl From<SocketAddr> for Peer {
    fn from(addr: SocketAddr) -> Self {
        Self::new(addr)
    }
}
