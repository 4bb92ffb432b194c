//! `Limits`: the listener's time limits and sizes.

use std::time::Duration;

use super::descriptors;

/// The time limits and sizes of a listener and its connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long a client may take to send a request's head, from its first byte to its last. For the first request, the
    /// time begins when the connection is accepted. Further bytes don't extend it. Default: 10 s.
    ///
    /// This is for HTTP/1. On an HTTP/2 connection, where heads and other frames are mixed, a slow head falls under
    /// [`keep_alive_idle`](Self::keep_alive_idle).
    pub request_head: Duration,
    /// How long a connection may be without a request in flight. Then it is closed, HTTP/2 with a GOAWAY. Default: 75
    /// s.
    pub keep_alive_idle: Duration,
    /// How long a client may read nothing of a response, once the buffers of its socket are full. Then the connection
    /// is closed. Default: 60 s.
    pub write_stall: Duration,
    /// The size of the request line and all header fields, in bytes. A larger one is answered with 431. Default: 64
    /// KiB.
    pub header_section_bytes: usize,
    /// The number of header fields. More are answered with 431. Default: 100.
    pub header_fields: usize,
    /// The length of the request target in bytes. A longer one is answered with 414. Default: 8 KiB.
    pub uri_bytes: usize,
    /// The number of open connections. Further ones wait until they are accepted. Default: 10,000.
    pub connections: usize,
    /// How long a shutdown may take. Then open connections are cut off. Default: 10 s.
    pub shutdown: Duration,
    /// How long the listener still reads from a client before it closes the connection. Default: see [`Linger`].
    pub linger: Linger,
}

/// How long the listener reads and discards what a client still sends after its last response.
///
/// Closing the connection at once would make the kernel send a reset, and the client could lose the response. So the
/// listener first closes its own direction of the connection, and goes on reading within these limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Linger {
    /// How long the client may send nothing. Default: 5 s, as nginx's `lingering_timeout`.
    pub idle: Duration,
    /// How long it may take in all. Default: 30 s, as nginx's `lingering_time`.
    pub total: Duration,
}

impl Limits {
    /// Lowers [`connections`](Self::connections) to half of the file descriptors that this process may open.
    ///
    /// A proxy needs as many descriptors again for connections to its upstreams. If client connections took all of
    /// them, no request could be forwarded. Nothing changes if the system doesn't tell its limit.
    #[must_use]
    pub fn within_open_file_limit(mut self) -> Self {
        if let Some(descriptors) = descriptors::soft_limit() {
            self.connections = self.connections.min((descriptors / 2).max(1));
        }
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_head: Duration::from_secs(10),
            keep_alive_idle: Duration::from_secs(75),
            write_stall: Duration::from_secs(60),
            header_section_bytes: 64 * 1024,
            header_fields: 100,
            uri_bytes: 8 * 1024,
            connections: 10_000,
            shutdown: Duration::from_secs(10),
            linger: Linger::default(),
        }
    }
}

impl Default for Linger {
    fn default() -> Self {
        Self { idle: Duration::from_secs(5), total: Duration::from_secs(30) }
    }
}
