//! What a route is: which requests it takes, and the layers that it puts around its pool or answer.
//!
//! Each of the layers can be used alone, as a Tower layer in a program of your own.

mod action;
pub mod answers;
mod backing;
mod chain;
pub mod entered;
pub mod entry;
mod headers;
pub mod limits;
mod matching;
mod mount;
mod original;
mod query;
mod reason;
mod rewrite;
mod template;

pub(crate) use self::backing::{Backing, Purpose};
pub use self::chain::{Answering, Chain};
pub use self::headers::{
    ChangedRequests, ChangedResponses, ChangedTrailers, RequestHeadersLayer, ResponseHeadersFuture,
    ResponseHeadersLayer, TrailersFuture, TrailersLayer, WithChangedTrailers,
};
pub(crate) use self::matching::Verdict;
pub use self::matching::{Captures, Matched, Matcher, Rule};
pub(crate) use self::mount::{mount, unrouted};
pub use self::original::Original;
pub use self::reason::Reason;
pub use self::rewrite::{RewriteFuture, RewriteLayer, Rewritten};
