//! What a route is: which requests it takes, and the layers that it puts around its pool or answer.
//!
//! Each of the layers can be used alone, as a Tower layer in a program of your own that has no configuration file. They take
//! what they do from the types of [`config`](crate::config), which such a program makes itself. The example `layers` has
//! them around a proxy in an axum app.
//!
//! | for | look at |
//! |---|---|
//! | which requests a route takes | [`Routes`] for services, [`Matcher`] alone |
//! | who the client is, behind a proxy of yours | [`TrustedProxiesLayer`] |
//! | who may enter | [`entry`]; tokens: [`admin_auth`] |
//! | rates, requests in flight, bodies that are read first, deadlines | [`limits`] |
//! | what it does: shares, a copy, another pool if there is nobody | [`Split`], [`MirrorLayer`], [`FallbackLayer`] |
//! | fixed answers, redirects, files | [`answers`] |
//! | targets, methods | [`RewriteLayer`], [`Original`] |
//! | header fields and trailers | [`RequestHeadersLayer`], [`ResponseHeadersLayer`], [`TrailersLayer`] |
//! | what answers get: compression, CORS, pages for errors, security headers | [`answers`] |
//! | how the proxy treats requests: largest body, times, `Host`, upgrades, redirects mapped back | [`RouteOptions`](proxy_service::RouteOptions), [`ProxyLayer`](proxy_service::ProxyLayer) |
//! | retries, hedges | [`Retry`](balance::Retry), [`Hedge`](balance::Hedge), with [`Replay`](limits::Replay) for bodies |
//!
//! From the outside inwards, the gateway has them in this order: fields of answers, security headers, compression, errors,
//! CORS, deadline, addresses, rates, guards, rates by user, trailers, buffer, requests in flight, rewrites, fields of
//! requests, mirror, shares.

mod action;
mod admitted;
pub mod answers;
mod around_pools;
mod backing;
mod chain;
pub mod entered;
pub mod entry;
mod fallback;
mod from_pools;
mod headers;
mod host;
pub mod limits;
mod matching;
mod mirror;
mod mount;
mod original;
mod percent;
mod query;
mod reason;
mod rewrite;
mod routes;
mod split;
mod template;
mod trusted_proxies;

pub use self::admitted::{Admitted, Ruling};
pub(crate) use self::backing::{Backing, Purpose};
pub use self::chain::{Answering, Chain};
pub use self::fallback::{Fallback, FallbackFuture, FallbackLayer};
pub use self::headers::{
    ChangedRequests, ChangedResponses, ChangedTrailers, RequestHeadersLayer, ResponseHeadersFuture,
    ResponseHeadersLayer, TrailersFuture, TrailersLayer, WithChangedTrailers,
};
pub(crate) use self::matching::Verdict;
pub use self::matching::{Captures, Matched, Matcher, Rule};
pub use self::mirror::{Mirror, MirrorLayer, Mirrored};
pub(crate) use self::mount::{mount, unrouted};
pub use self::original::Original;
pub use self::reason::Reason;
pub use self::rewrite::{RewriteFuture, RewriteLayer, Rewritten};
pub use self::routes::{Routes, Way};
pub use self::split::{Split, SplitCookie, SplitCookieFuture, SplitCookieLayer};
pub use self::trusted_proxies::{BehindProxies, TrustedProxiesLayer};
