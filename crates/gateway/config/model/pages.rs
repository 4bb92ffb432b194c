//! The pages that the gateway answers itself.

/// Where the gateway answers itself; each `None` where it doesn't. Paths as those of routes, no two alike, none of them a
/// route's prefix or behind a gate. A default gives way to a route for just its path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pages {
    /// Routes, pools and their state. Default: `/`.
    pub index: Option<String>,
    /// Whether the gateway lives: always 200. Default: `/healthz`.
    pub health: Option<String>,
    /// Whether it takes requests: 200, and 503 once its shutdown has begun. Default: `/readyz`.
    pub ready: Option<String>,
}
