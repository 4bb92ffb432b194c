//! Connecting to an upstream: its addresses, TCP or a Unix socket, TLS, and which HTTP is spoken then.

mod addresses;
mod error;
mod failed_write;
mod happy_eyeballs;
mod replay;
mod tcp;
#[cfg(test)]
mod tests;
#[cfg(feature = "tls")]
mod tls;
mod transport;
#[cfg(unix)]
mod unix;

use std::future::Future;
use std::io;
use std::time::Duration;

pub(crate) use self::error::{DialError, DnsError};
pub(crate) use self::transport::Transport;
use crate::target::Target;

/// What a [`Dialer`] is made with.
#[derive(Clone)]
pub(crate) struct DialOptions {
    /// How long each may take: resolving, connecting (over all addresses) and the TLS handshake.
    pub(crate) connect_timeout: Duration,
    pub(crate) protocols: Protocols,
    /// For `https`: roots, client certificate and the like. Its ALPN is replaced by what `protocols` says. By default
    /// the Mozilla roots and the aws-lc-rs provider.
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<std::sync::Arc<rustls::ClientConfig>>,
    /// What is sent as SNI, and what the certificate has to be for, instead of the target's host.
    #[cfg(feature = "tls")]
    pub(crate) server_name: Option<rustls::pki_types::ServerName<'static>>,
}

/// Which versions of HTTP an upstream may be spoken to in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocols {
    /// HTTP/1.1 alone.
    Http1,
    /// Over TLS what the upstream chooses by ALPN, HTTP/2 or HTTP/1.1; in the clear HTTP/1.1.
    Auto,
    /// HTTP/2 alone: chosen by ALPN over TLS, with prior knowledge (RFC 9113 §3.3) in the clear.
    Http2,
}

impl Protocols {
    /// What is spoken where nobody can be asked.
    fn in_the_clear(self) -> Protocol {
        match self {
            Self::Http1 | Self::Auto => Protocol::Http1,
            Self::Http2 => Protocol::Http2,
        }
    }
}

/// The version of HTTP that a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http1,
    Http2,
}

/// Connects to upstreams. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Dialer {
    limit: Duration,
    protocols: Protocols,
    #[cfg(feature = "tls")]
    tls: tls::Tls,
}

impl Dialer {
    pub(crate) fn new(options: DialOptions) -> Self {
        Self {
            limit: options.connect_timeout,
            protocols: options.protocols,
            #[cfg(feature = "tls")]
            tls: tls::Tls::new(options.tls, options.protocols, options.server_name),
        }
    }

    /// A connection on which nothing has been sent.
    ///
    /// # Errors
    /// [`DialError`] says how far it came; not one byte of a request was sent then.
    pub(crate) async fn dial(&self, target: &Target) -> Result<Transport, DialError> {
        #[cfg(unix)]
        if let Some(path) = target.unix_socket() {
            let stream = within(self.limit, unix::connect(path)).await.map_err(DialError::Connect)?;
            return Ok(Transport::unix(stream, self.protocols.in_the_clear()));
        }
        let addresses = addresses::of(target, self.limit).await.map_err(DialError::Resolve)?;
        let dialed = happy_eyeballs::first_to_connect(addresses, tcp::connect);
        let stream = within(self.limit, dialed).await.map_err(DialError::Connect)?;
        #[cfg(feature = "tls")]
        if target.scheme() == &http::uri::Scheme::HTTPS {
            return self.tls.handshake(stream, host(target), self.limit).await;
        }
        Ok(Transport::tcp(stream, self.protocols.in_the_clear()))
    }
}

/// The host's name or address, an IPv6 one without its brackets.
fn host(target: &Target) -> &str {
    target.authority().host().trim_matches(['[', ']'])
}

async fn within<T>(limit: Duration, step: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    match tokio::time::timeout(limit, step).await {
        Ok(done) => done,
        Err(_) => Err(io::ErrorKind::TimedOut.into()),
    }
}
