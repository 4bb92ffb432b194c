//! The client's options.

use std::sync::Arc;
use std::time::Duration;

use http_body::Body;
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::connector::Connector;
use super::{Client, Pools};
use crate::error::BoxError;
use crate::request_body::RequestBody;

/// How much hyper may read ahead of a client that doesn't read, or write behind for an upstream that doesn't, on each
/// connection; its own default is 408 KiB. Also the most that the head of a response may take.
const BUFFER: usize = 64 * 1024;

/// Builds a [`Client`].
#[derive(Clone, Debug)]
pub struct ClientBuilder {
    connect_timeout: Duration,
    idle_timeout: Duration,
    max_idle: usize,
    #[cfg(feature = "tls")]
    tls: Option<Arc<rustls::ClientConfig>>,
}

impl ClientBuilder {
    /// Every default.
    pub fn new() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            idle_timeout: Duration::from_secs(30),
            max_idle: 256,
            #[cfg(feature = "tls")]
            tls: None,
        }
    }

    /// How long each of resolving, connecting and the TLS handshake may take; 5 s by default.
    #[must_use]
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// How long a connection is kept without a request; 30 s by default. Shorter than the upstream's own, if that is
    /// known, saves requests from finding it dead.
    #[must_use]
    pub fn idle_timeout(mut self, limit: Duration) -> Self {
        self.idle_timeout = limit;
        self
    }

    /// How many idle connections are kept for each upstream; 256 by default.
    #[must_use]
    pub fn max_idle(mut self, connections: usize) -> Self {
        self.max_idle = connections;
        self
    }

    /// The TLS configuration for `https` targets: roots, client certificates, ALPN (only `http/1.1` is spoken). By
    /// default the Mozilla roots and the aws-lc-rs provider.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(mut self, config: Arc<rustls::ClientConfig>) -> Self {
        self.tls = Some(config);
        self
    }

    /// The client, for request bodies of type `B`.
    pub fn build<B>(self) -> Client<B>
    where
        B: Body + Send + Unpin + 'static,
        B::Data: Send,
        B::Error: Into<BoxError>,
    {
        #[cfg(feature = "tls")]
        let connector =
            Connector::new(self.connect_timeout, self.tls.unwrap_or_else(super::connector::default_tls));
        #[cfg(not(feature = "tls"))]
        let connector = Connector::new(self.connect_timeout);
        let pool = |max_idle| -> legacy::Client<Connector, RequestBody<B>> {
            legacy::Client::builder(TokioExecutor::new())
                .timer(TokioTimer::new())
                .pool_timer(TokioTimer::new())
                .pool_idle_timeout(self.idle_timeout)
                .pool_max_idle_per_host(max_idle)
                .http1_max_buf_size(BUFFER)
                .set_host(false)
                .build(connector.clone())
        };
        Client { pools: Arc::new(Pools { kept: pool(self.max_idle), fresh: pool(0) }) }
    }
}

impl Default for ClientBuilder {
    fn default() -> Self {
        Self::new()
    }
}
