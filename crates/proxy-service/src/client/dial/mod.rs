//! Connecting to an upstream: its addresses, TCP or a Unix socket, TLS, and which version of HTTP is spoken then.

mod addresses;
mod error;
mod failed_write;
mod happy_eyeballs;
mod limit;
mod own;
mod protocol;
mod proxy_header;
mod tcp;
#[cfg(test)]
mod tests;
#[cfg(feature = "tls")]
mod tls;
mod transport;
#[cfg(unix)]
mod unix;

use std::io;
use std::time::Duration;

use tokio::io::{AsyncWrite, AsyncWriteExt as _};

pub(crate) use self::error::{DialError, DnsError};
use self::limit::within;
pub use self::own::ByteStream;
pub(crate) use self::own::OwnDial;
pub(crate) use self::protocol::Protocol;
pub use self::protocol::Protocols;
pub use self::proxy_header::ProxyHeader;
pub(crate) use self::transport::Transport;
use super::bound::Ends;
use crate::target::Target;

/// The options of a [`Dialer`].
#[derive(Clone)]
pub(crate) struct DialOptions {
    /// How long each of these may take: resolving the name, connecting (all addresses together), and the TLS handshake.
    pub(crate) connect_timeout: Duration,
    pub(crate) protocols: Protocols,
    /// With what each connection begins, if the upstreams expect the PROXY protocol.
    pub(crate) proxy_header: Option<ProxyHeader>,
    /// Connects in place of this crate.
    pub(crate) own: Option<OwnDial>,
    /// For `https`: roots, client certificate and the like. Its ALPN is replaced by what `protocols` says. Without it,
    /// the Mozilla roots and the aws-lc-rs provider are used.
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<std::sync::Arc<rustls::ClientConfig>>,
    /// The name that is sent as SNI and that the certificate must be valid for, instead of the target's host.
    #[cfg(feature = "tls")]
    pub(crate) server_name: Option<rustls::pki_types::ServerName<'static>>,
}

/// Connects to upstreams. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Dialer {
    limit: Duration,
    protocols: Protocols,
    proxy_header: Option<ProxyHeader>,
    own: Option<OwnDial>,
    #[cfg(feature = "tls")]
    tls: tls::Tls,
}

impl Dialer {
    pub(crate) fn new(options: DialOptions) -> Self {
        Self {
            limit: options.connect_timeout,
            protocols: options.protocols,
            proxy_header: options.proxy_header,
            own: options.own,
            #[cfg(feature = "tls")]
            tls: tls::Tls::new(options.tls, options.protocols, options.server_name),
        }
    }

    /// Whether each connection begins with the address of a client.
    pub(crate) fn introduces_clients(&self) -> bool {
        self.proxy_header.is_some()
    }

    /// Makes a connection. No byte of a request has been sent on it. If the upstreams expect the PROXY protocol, it is
    /// in the name of the client between these ends, or without them in the gateway's own name.
    ///
    /// # Errors
    /// A [`DialError`] that says how far the dial came. No byte of a request was sent then either.
    pub(crate) async fn dial(&self, target: &Target, ends: Option<Ends>) -> Result<Transport, DialError> {
        if let Some(own) = &self.own {
            let connected = async { self.introduce(own.connect(target).await?, ends).await };
            let stream = within(self.limit, connected).await.map_err(DialError::Connect)?;
            return Ok(Transport::own(stream, self.protocols.in_the_clear()));
        }
        #[cfg(unix)]
        if let Some(path) = target.unix_socket() {
            let connected = async { self.introduce(unix::connect(path).await?, ends).await };
            let stream = within(self.limit, connected).await.map_err(DialError::Connect)?;
            return Ok(Transport::unix(stream, self.protocols.in_the_clear()));
        }
        let addresses = addresses::of(target, self.limit).await.map_err(DialError::Resolve)?;
        let dialed = happy_eyeballs::first_to_connect(addresses, tcp::connect);
        let connected = async { self.introduce(dialed.await?, ends).await };
        let stream = within(self.limit, connected).await.map_err(DialError::Connect)?;
        #[cfg(feature = "tls")]
        if target.scheme() == &http::uri::Scheme::HTTPS {
            return self.tls.handshake(stream, addresses::host(target), self.limit).await;
        }
        Ok(Transport::tcp(stream, self.protocols.in_the_clear()))
    }

    /// Begins a connection as the PROXY protocol wants it, before anything else such as TLS.
    async fn introduce<S: AsyncWrite + Unpin>(&self, mut stream: S, ends: Option<Ends>) -> io::Result<S> {
        if let Some(header) = self.proxy_header {
            stream.write_all(&header.bytes(ends)).await?;
        }
        Ok(stream)
    }
}
