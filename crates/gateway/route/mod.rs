//! What a route is: which requests it takes, and the layers that it puts around its pool or answer.
//!
//! Each of the layers can be used alone, as a Tower layer in a program of your own.

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
mod split;
mod template;

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
pub use self::split::Split;
