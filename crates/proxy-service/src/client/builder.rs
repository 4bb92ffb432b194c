//! The client's options.

use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use http_body::Body;

use super::connector::Connector;
use super::pool::{Keeping, Limit};
use super::{Client, Options};
use crate::error::BoxError;

/// Builds a [`Client`].
#[derive(Clone, Debug)]
pub struct ClientBuilder {
    connect_timeout: Duration,
    keeping: Keeping,
    limit: Limit,
    #[cfg(feature = "tls")]
    tls: Option<Arc<rustls::ClientConfig>>,
    #[cfg(feature = "tls")]
    server_name: Option<rustls::pki_types::ServerName<'static>>,
}

impl ClientBuilder {
    /// Every default.
    pub fn new() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            keeping: Keeping::default(),
            limit: Limit::default(),
            #[cfg(feature = "tls")]
            tls: None,
            #[cfg(feature = "tls")]
            server_name: None,
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
        self.keeping.idle_timeout = limit;
        self
    }

    /// How many idle connections are kept for each endpoint on each runtime; 256 by default.
    #[must_use]
    pub fn max_idle(mut self, connections: u16) -> Self {
        self.keeping.max_idle = connections;
        self
    }

    /// How old a connection may become, give or take a tenth, so that connections made together don't end together: one that
    /// is older is closed when it is idle next. Unlimited by default. Lets a change of DNS or of what is behind a load
    /// balancer take effect.
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Self {
        self.keeping.max_age = Some(age);
        self
    }

    /// How many requests are sent on one connection; unlimited by default.
    #[must_use]
    pub fn max_uses(mut self, requests: NonZeroU32) -> Self {
        self.keeping.max_uses = Some(requests);
        self
    }

    /// How many connections an endpoint may have, over all runtimes, tunnels included; unlimited by default. When all of
    /// them have a request, further requests wait in a [queue](Self::queue).
    ///
    /// If there is room only because connections of other runtimes are idle, one of those is closed to make it.
    #[must_use]
    pub fn max_connections(mut self, connections: NonZeroU32) -> Self {
        self.limit.connections = Some(connections);
        self
    }

    /// How many requests may wait for a connection to an endpoint, and how long: 100 and 1 s by default. First come, first
    /// served; a size of 0 refuses at once. Only with [`max_connections`](Self::max_connections).
    ///
    /// A request that finds the queue full, or waits in vain, fails unsent with
    /// [`ErrorKind::ConnectionLimitReached`](crate::ErrorKind::ConnectionLimitReached).
    #[must_use]
    pub fn queue(mut self, size: usize, timeout: Duration) -> Self {
        self.limit.queue = size;
        self.limit.timeout = timeout;
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

    /// The name for all `https` targets that is sent as SNI (RFC 6066 §3), and that their certificates must be for. By
    /// default the target's host.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn server_name(mut self, name: rustls::pki_types::ServerName<'static>) -> Self {
        self.server_name = Some(name);
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
        let connector = {
            let tls = self.tls.unwrap_or_else(super::connector::default_tls);
            Connector::new(self.connect_timeout, tls, self.server_name)
        };
        #[cfg(not(feature = "tls"))]
        let connector = Connector::new(self.connect_timeout);
        let options = Options { connector, keeping: self.keeping, limit: self.limit };
        Client { options: Arc::new(options), requests: PhantomData }
    }
}

impl Default for ClientBuilder {
    fn default() -> Self {
        Self::new()
    }
}
