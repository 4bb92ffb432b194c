//! `balance`: how the upstream for a request is picked.

use http::HeaderName;

/// How a pool picks the upstream for a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Balancing {
    /// The upstreams take turns, each as often as its weight says.
    #[default]
    RoundRobin,
    /// Of two random upstreams, the one with fewer requests in flight for its weight.
    LeastLoaded,
    /// Of two random upstreams, the one whose latency times requests in flight is lower for its weight.
    PeakEwma,
    /// A random upstream; heavier ones are more likely.
    Random,
    /// Requests with the same key go to the same upstream, as long as the pool stays the same.
    Hash(HashKey),
}

/// The part of a request that [`Balancing::Hash`] uses as its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HashKey {
    /// The value of a header.
    Header(HeaderName),
    /// The value of the cookie of this name, an RFC 6265 §4.1.1 token of 1 to 256 characters.
    Cookie(String),
    /// The IP address of the client: the connection's peer, or the client that a trusted proxy names.
    Peer,
}
