//! Which upstream a request goes to.

use http::HeaderName;

/// How a pool picks the upstream for a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Balancing {
    /// Upstreams take turns, by weight.
    #[default]
    RoundRobin,
    /// The one of two random upstreams with fewer requests in flight, by weight.
    LeastLoaded,
    /// The one of two random upstreams with the lower latency times requests in flight, by weight.
    PeakEwma,
    /// Any, by weight.
    Random,
    /// The same upstream for the same key as long as the pool stays the same.
    Hash(HashKey),
}

/// What of a request [`Balancing::Hash`] looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HashKey {
    /// The value of a header.
    Header(HeaderName),
    /// The value of the cookie of this name, an RFC 6265 §4.1.1 token of 1 to 256 characters.
    Cookie(String),
    /// The address that the connection comes from.
    Peer,
}
