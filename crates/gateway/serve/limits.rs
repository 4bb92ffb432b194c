//! The deadlines and sizes that are the listener's.

use std::time::Duration;

use super::descriptors;

/// What a connection may take of time and space. [`Default`] is what the gateway documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From a request head's first byte to its last, and from accepting a connection to the end of its first head.
    /// Absolute: a byte now and then does not push it back. HTTP/1 only: HTTP/2 mixes its heads with everything else, so
    /// there a slow one falls under [`keep_alive_idle`](Self::keep_alive_idle). 10 s.
    pub request_head: Duration,
    /// How long a connection may stay without a request in flight. An HTTP/2 one then gets a GOAWAY. 75 s.
    pub keep_alive_idle: Duration,
    /// How long a peer may leave an answer unread, without taking one byte, once its socket's buffers are full. 60 s.
    pub write_stall: Duration,
    /// The request line and header fields together, in bytes; more is 431. 64 KiB.
    pub header_section_bytes: usize,
    /// The number of header fields; more is 431. 100.
    pub header_fields: usize,
    /// The request target in bytes; more is 414. 8 KiB.
    pub uri_bytes: usize,
    /// Connections open at once; those above wait to be accepted. 10,000.
    pub connections: usize,
    /// From the beginning of a shutdown to the end of everything. 10 s.
    pub shutdown: Duration,
    /// How a connection with unread input is closed.
    pub linger: Linger,
}

/// How long to keep reading, and throwing away, what a client still sends after its answer and our end of the
/// connection went out. Closing at once would make the kernel send a reset, which can destroy the answer on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Linger {
    /// Without a byte from the client. 5 s, as nginx's `lingering_timeout`.
    pub idle: Duration,
    /// In all. 30 s, as nginx's `lingering_time`.
    pub total: Duration,
}

impl Limits {
    /// Lowers [`connections`](Self::connections) to half of the descriptors that this process may open, where the
    /// system tells: a proxy needs as many again for its upstreams, and a listener that takes the last one leaves
    /// every accepted request without an upstream.
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

/// Tells the log which key of the configuration lets a request in that was refused: a client's answer has no more than
/// the status.
pub(super) fn over_limit(raise: &'static str) {
    tracing::info!(raise, "a request's head is over a limit");
}
