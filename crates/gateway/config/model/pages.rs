//! `[pages]`: the gateway's own pages.

/// The paths of the gateway's own pages; `None` where there is no such page.
///
/// A path has the form of a route's prefix. No two pages have the same path, and none has the prefix of a route or lies
/// below a route with a gate. If a route has the default path of a page as its prefix, that page is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pages {
    /// The index page, which says that a gateway is here, and no more. Default: `None`.
    pub index: Option<String>,
    /// Whether the gateway is running: always 200. Default: `/healthz`.
    pub health: Option<String>,
    /// Whether the gateway takes requests: 200, or 503 once its shutdown has begun. Default: `/readyz`.
    pub ready: Option<String>,
}
