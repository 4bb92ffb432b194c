//! The client's options.

use std::num::NonZeroU32;
#[cfg(feature = "tls")]
use std::sync::Arc;
use std::time::Duration;

use http_body::Body;

use super::answers::AnswerLimits;
use super::dial::{DialOptions, Dialer, Protocols};
use super::multiplexed::{Http2Options, KeepAlive};
use super::options::Options;
use super::pool::{Keeping, Limit};
use super::service::Client;
use crate::error::BoxError;

/// A client with every default; [`ClientBuilder`] has the options.
pub fn client<B>() -> Client<B>
where
    B: Body + Send + Unpin + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    ClientBuilder::new().build()
}

/// Builds a [`Client`].
#[derive(Clone, Debug)]
pub struct ClientBuilder {
    connect_timeout: Duration,
    protocols: Protocols,
    keeping: Keeping,
    answers: AnswerLimits,
    http2: Http2Options,
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
            protocols: Protocols::Auto,
            keeping: Keeping::default(),
            answers: AnswerLimits::default(),
            http2: Http2Options::default(),
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

    /// Which versions of HTTP upstreams are spoken to in; [`Protocols::Auto`] by default: over TLS HTTP/2 where the upstream
    /// knows it, in the clear HTTP/1.1. An upstream that speaks gRPC in the clear takes [`Protocols::Http2`].
    ///
    /// A request that asks for an upgrade takes HTTP/1.1; with [`Protocols::Http2`] it fails with
    /// [`ErrorKind::UpgradeUnavailable`](crate::ErrorKind::UpgradeUnavailable).
    #[must_use]
    pub fn protocols(mut self, protocols: Protocols) -> Self {
        self.protocols = protocols;
        self
    }

    /// How many requests share an HTTP/2 connection at a time, if the upstream doesn't want fewer; 100 by default, 8191 at
    /// most. When all connections of an endpoint and runtime are full another is made, up to 32; then requests wait, each as long
    /// as in a [queue](Self::queue).
    ///
    /// For each whose answer nobody reads, up to 256 KiB are held in memory; the others go on.
    #[must_use]
    pub fn max_http2_streams(mut self, requests: NonZeroU32) -> Self {
        self.http2.max_streams = requests;
        self
    }

    /// Pings an HTTP/2 upstream that has sent nothing for `interval` while requests wait for it, and closes the connection if
    /// it doesn't answer within `timeout`. Off by default: gRPC servers take more than a ping in five minutes for an
    /// attack.
    ///
    /// Without it a connection is pinged when a request on it was given up after a second or more without a sign of its
    /// upstream, or three in a row after less. It gets no request until that is answered, and is closed after 10 s.
    #[must_use]
    pub fn http2_keep_alive(mut self, interval: Duration, timeout: Duration) -> Self {
        self.http2.keep_alive = Some(KeepAlive { interval, timeout });
        self
    }

    /// How many fields the head of an answer may have, each line one; 256 by default. One that has more is no answer: the request
    /// fails with [`ErrorKind::HttpResponseHeaderSectionSize`](crate::ErrorKind::HttpResponseHeaderSectionSize), 502.
    ///
    /// Over HTTP/1, an answer of more than 64 fields costs two allocations more than others.
    #[must_use]
    pub fn response_fields(mut self, fields: usize) -> Self {
        self.answers.fields = fields;
        self
    }

    /// How many bytes the head of an answer may take; 64 KiB by default. For HTTP/2 they are counted as RFC 9113 §6.5.2 has it:
    /// unpacked, and 32 for each field besides. A head that takes more is no answer, as with
    /// [`response_fields`](Self::response_fields).
    #[must_use]
    pub fn response_section(mut self, bytes: u32) -> Self {
        self.answers.section = usize::try_from(bytes).unwrap_or(usize::MAX);
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
    /// them have a request, further requests wait in a [queue](Self::queue). An HTTP/2 connection counts for as long as it is
    /// open, so that there should be more than runtimes.
    ///
    /// If there is room only because connections of other runtimes are idle, one of those is closed to make it.
    #[must_use]
    pub fn max_connections(mut self, connections: NonZeroU32) -> Self {
        self.limit.connections = Some(connections);
        self
    }

    /// How many requests may wait for a connection to an endpoint, and how long: 100 and 1 s by default. First come, first
    /// served; a size of 0 refuses at once. The size is for [`max_connections`](Self::max_connections) alone, the time also for
    /// a place on an HTTP/2 connection when there are as many as there may be. Time in which a connection is made doesn't count.
    ///
    /// A request that finds the queue full, or waits in vain, fails unsent with
    /// [`ErrorKind::ConnectionLimitReached`](crate::ErrorKind::ConnectionLimitReached).
    #[must_use]
    pub fn queue(mut self, size: usize, timeout: Duration) -> Self {
        self.limit.queue = size;
        self.limit.timeout = timeout;
        self
    }

    /// The TLS configuration for `https` targets: roots and client certificates; its ALPN is replaced by what
    /// [`protocols`](Self::protocols) says. By default the Mozilla roots and the aws-lc-rs provider.
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
        let dialer = self.dialer(self.protocols);
        let http1_dialer = match self.protocols {
            Protocols::Http1 => Some(dialer.clone()),
            Protocols::Auto => Some(self.dialer(Protocols::Http1)),
            Protocols::Http2 => None,
        };
        let options = Options {
            dialer,
            http1_dialer,
            protocols: self.protocols,
            connect_timeout: self.connect_timeout,
            keeping: self.keeping,
            answers: self.answers,
            limit: self.limit,
            http2: self.http2,
        };
        Client::new(options)
    }

    fn dialer(&self, protocols: Protocols) -> Dialer {
        Dialer::new(DialOptions {
            connect_timeout: self.connect_timeout,
            protocols,
            #[cfg(feature = "tls")]
            tls: self.tls.clone(),
            #[cfg(feature = "tls")]
            server_name: self.server_name.clone(),
        })
    }
}

impl Default for ClientBuilder {
    fn default() -> Self {
        Self::new()
    }
}
