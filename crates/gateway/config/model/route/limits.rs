//! The limits of a route.

/// Limits of size, number and time for the requests of a route.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RouteLimits {
    /// The largest request body in bytes, at least 1. A larger one is answered with 413. Default: `None`, no limit.
    pub max_body: Option<u64>,
}
