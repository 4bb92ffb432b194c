//! The options of the client.

use std::io;
use std::num::NonZeroU32;
#[cfg(feature = "tls")]
use std::sync::Arc;
use std::time::Duration;

use http_body::Body;
use http1::HeaderCase;

use super::answers::AnswerLimits;
use super::dial::{ByteStream, DialOptions, Dialer, OwnDial, Protocols, ProxyHeader};
use super::failed_dial::OnFailedDial;
use super::multiplexed::{Http2Options, KeepAlive};
use super::options::Options;
use super::pool::{Keeping, Limit};
use super::service::Client;
use crate::error::BoxError;
use crate::target::Target;

/// Makes a client with the default options. To set options, use [`ClientBuilder`].
pub fn client<B>() -> Client<B>
where
    B: Body + Send + Unpin + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    ClientBuilder::new().build()
}

/// Sets the options of a [`Client`], and builds it.
#[derive(Clone, Debug)]
pub struct ClientBuilder {
    connect_timeout: Duration,
    protocols: Protocols,
    keeping: Keeping,
    answers: AnswerLimits,
    header_case: HeaderCase,
    proxy_header: Option<ProxyHeader>,
    own_dial: Option<OwnDial>,
    http2: Http2Options,
    limit: Limit,
    on_failed_dial: OnFailedDial,
    #[cfg(feature = "tls")]
    tls: Option<Arc<rustls::ClientConfig>>,
    #[cfg(feature = "tls")]
    server_name: Option<rustls::pki_types::ServerName<'static>>,
}

impl ClientBuilder {
    /// A builder in which every option has its default.
    pub fn new() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            protocols: Protocols::Auto,
            keeping: Keeping::default(),
            answers: AnswerLimits::default(),
            header_case: HeaderCase::default(),
            proxy_header: None,
            own_dial: None,
            http2: Http2Options::default(),
            limit: Limit::default(),
            on_failed_dial: OnFailedDial::default(),
            #[cfg(feature = "tls")]
            tls: None,
            #[cfg(feature = "tls")]
            server_name: None,
        }
    }

    /// Limits how long each step of opening a connection may take: resolving the name, connecting, the TLS handshake,
    /// and over HTTP/2 the wait for the upstream's settings. 5 s for each by default.
    #[must_use]
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// Has the program make the connections, over whatever it likes: a tunnel, a pipe in memory. By default they are TCP
    /// connections and Unix sockets.
    ///
    /// No name is looked up then, and no TLS handshake is made, whatever the target's scheme is. Without ALPN, the version
    /// of HTTP is the one for connections without TLS: see [`protocols`](Self::protocols).
    #[must_use]
    pub fn connect_by<F, C>(mut self, connect: F) -> Self
    where
        F: Fn(&Target) -> C + Send + Sync + 'static,
        C: Future<Output = io::Result<Box<dyn ByteStream>>> + Send + 'static,
    {
        self.own_dial = Some(OwnDial::new(connect));
        self
    }

    /// Sets which versions of HTTP are spoken with upstreams. [`Protocols::Auto`] by default: over TLS it is HTTP/2
    /// if the upstream supports it, and HTTP/1.1 otherwise; without TLS it is HTTP/1.1. For an upstream that speaks
    /// gRPC without TLS, set [`Protocols::Http2`].
    ///
    /// A request that asks for an upgrade is sent over HTTP/1.1. With [`Protocols::Http2`] it fails with
    /// [`ErrorKind::UpgradeUnavailable`](crate::ErrorKind::UpgradeUnavailable).
    #[must_use]
    pub fn protocols(mut self, protocols: Protocols) -> Self {
        self.protocols = protocols;
        self
    }

    /// Sets the case in which field names are written in HTTP/1 requests: in the head and in trailers.
    /// [`HeaderCase::Lower`] by default. Case has no meaning (RFC 9110 §5.1), but some embedded servers find only
    /// `Content-Length` and not `content-length`. The case in which a field came is not kept.
    ///
    /// It has no effect over HTTP/2, where names are always in lower case (RFC 9113 §8.2.1).
    #[must_use]
    pub fn header_case(mut self, case: HeaderCase) -> Self {
        self.header_case = case;
        self
    }

    /// Begins each connection with the PROXY protocol's header, before TLS, which tells the upstream from where the client
    /// connected. Off by default: an upstream that doesn't expect it takes it for a malformed request.
    ///
    /// Such a connection serves only the requests of one client connection, and is closed when that ends. The addresses
    /// are the [`Ends`](crate::Ends) of the [`ClientConnection`](crate::ClientConnection) in the request's
    /// [`Peer`](crate::Peer). A request without them has a connection to itself, which begins with `LOCAL` (version 2)
    /// or `UNKNOWN` (version 1); so do probes and dials.
    ///
    /// HTTP/1.1 is spoken, whatever [`protocols`](Self::protocols) says, because an HTTP/2 connection is for many
    /// clients. With [`Protocols::Http2`] requests fail with
    /// [`ErrorKind::Http1Unavailable`](crate::ErrorKind::Http1Unavailable).
    #[must_use]
    pub fn send_proxy(mut self, header: ProxyHeader) -> Self {
        self.proxy_header = Some(header);
        self
    }

    /// Limits how many requests share an HTTP/2 connection at the same time. 100 by default, and 8191 at most. If the
    /// upstream allows fewer, its limit holds.
    ///
    /// When all connections of an endpoint on a runtime are full, another one is opened, up to 32. When all of these
    /// are full, requests wait. Each waits no longer than the time limit of the [queue](Self::queue).
    ///
    /// If nobody reads the answer to a request, up to 256 KiB of that answer are held in memory. The other requests
    /// on the connection go on.
    #[must_use]
    pub fn max_http2_streams(mut self, requests: NonZeroU32) -> Self {
        self.http2.max_streams = requests;
        self
    }

    /// Pings an HTTP/2 upstream that has sent nothing for `interval` while requests wait for it. If nothing comes
    /// from it within `timeout`, the connection is closed. Off by default, because gRPC servers treat more than one
    /// ping in five minutes as an attack.
    ///
    /// In any case a connection is pinged after requests on it were given up while nothing came from the upstream:
    /// one request that was given up after 1 s or more, or three in a row that were given up sooner. Until the ping
    /// is answered, the connection gets no further request. If nothing comes within 10 s, or within `timeout` where
    /// this option is set, the connection is closed.
    #[must_use]
    pub fn http2_keep_alive(mut self, interval: Duration, timeout: Duration) -> Self {
        self.http2.keep_alive = Some(KeepAlive { interval, timeout });
        self
    }

    /// Limits how many fields the head of an answer may have; each field line counts as one. 256 by default. If an
    /// answer has more, the request fails with
    /// [`ErrorKind::HttpResponseHeaderSectionSize`](crate::ErrorKind::HttpResponseHeaderSectionSize), which is a 502.
    ///
    /// Over HTTP/1, an answer with more than 64 fields costs two more allocations than other answers.
    #[must_use]
    pub fn response_fields(mut self, fields: usize) -> Self {
        self.answers.fields = fields;
        self
    }

    /// Limits how many bytes the head of an answer may have. 64 KiB by default. For HTTP/2 the size is counted as in
    /// RFC 9113 §6.5.2: uncompressed, and with 32 bytes more for each field. If the head of an answer is larger, the
    /// request fails as with [`response_fields`](Self::response_fields).
    #[must_use]
    pub fn response_section(mut self, bytes: u32) -> Self {
        self.answers.section = usize::try_from(bytes).unwrap_or(usize::MAX);
        self
    }

    /// Sets how long a connection is kept while it has no request. 30 s by default. If you know how long the upstream
    /// keeps idle connections, set a shorter time: then fewer requests are sent on a connection that the upstream has
    /// closed.
    #[must_use]
    pub fn idle_timeout(mut self, limit: Duration) -> Self {
        self.keeping.idle_timeout = limit;
        self
    }

    /// Limits how many idle connections are kept for each endpoint on each runtime. 256 by default.
    #[must_use]
    pub fn max_idle(mut self, connections: u16) -> Self {
        self.keeping.max_idle = connections;
        self
    }

    /// Limits how old a connection may become. Unlimited by default. The limit of each connection is varied at random
    /// by up to a tenth, so that connections that were opened together aren't closed together. A connection that is
    /// too old is closed the next time it is idle. So a change of DNS, or of what is behind a load balancer, takes
    /// effect.
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Self {
        self.keeping.max_age = Some(age);
        self
    }

    /// Limits how many requests are sent on one connection. Unlimited by default.
    #[must_use]
    pub fn max_uses(mut self, requests: NonZeroU32) -> Self {
        self.keeping.max_uses = Some(requests);
        self
    }

    /// Limits how many connections an endpoint may have, over all runtimes and with tunnels included. Unlimited by
    /// default. When each of them has a request, further requests wait in a [queue](Self::queue). An HTTP/2
    /// connection counts for as long as it is open, so the limit should be larger than the number of runtimes.
    ///
    /// If the limit is reached, but connections of other runtimes are idle, one of those is closed to make room.
    #[must_use]
    pub fn max_connections(mut self, connections: NonZeroU32) -> Self {
        self.limit.connections = Some(connections);
        self
    }

    /// Limits how many requests may wait for a connection to an endpoint, and how long. 100 requests and 1 s by
    /// default. The request that came first is served first. With a size of 0, a request that finds no connection
    /// fails at once.
    ///
    /// The size applies to [`max_connections`](Self::max_connections) only. The time also applies to a request that
    /// waits for a place on an HTTP/2 connection when there are as many connections as there may be. The time in
    /// which a connection is opened doesn't count.
    ///
    /// A request that finds the queue full, or waits for too long, fails with
    /// [`ErrorKind::ConnectionLimitReached`](crate::ErrorKind::ConnectionLimitReached). Nothing of it has been sent.
    #[must_use]
    pub fn queue(mut self, size: usize, timeout: Duration) -> Self {
        self.limit.queue = size;
        self.limit.timeout = timeout;
        self
    }

    /// Sets the TLS configuration for `https` targets: root certificates and client certificates. By default it has
    /// the Mozilla roots and uses the aws-lc-rs provider. The ALPN protocols in it are replaced by those of
    /// [`protocols`](Self::protocols).
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(mut self, config: Arc<rustls::ClientConfig>) -> Self {
        self.tls = Some(config);
        self
    }

    /// Sets the server name for all `https` targets. It is sent as SNI (RFC 6066 §3), and each upstream's certificate
    /// must be valid for it. By default it is the target's host.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn server_name(mut self, name: rustls::pki_types::ServerName<'static>) -> Self {
        self.server_name = Some(name);
        self
    }

    /// Calls `tell` when a request gets no connection because none can be opened: for whoever knows where else the
    /// upstream may be. It must not block.
    #[must_use]
    pub fn on_failed_dial(mut self, tell: impl Fn() + Send + Sync + 'static) -> Self {
        self.on_failed_dial = OnFailedDial::telling(tell);
        self
    }

    /// Builds the client, for request bodies of type `B`.
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
            header_case: self.header_case,
            limit: self.limit,
            http2: self.http2,
            on_failed_dial: self.on_failed_dial,
        };
        Client::new(options)
    }

    fn dialer(&self, protocols: Protocols) -> Dialer {
        Dialer::new(DialOptions {
            connect_timeout: self.connect_timeout,
            protocols,
            proxy_header: self.proxy_header,
            own: self.own_dial.clone(),
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
