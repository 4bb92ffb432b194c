//! A route: which requests it takes, and what happens to them. Each part has its own file.

use proxy_service::Upgrades;

pub use action::Action;
pub use answered::{Content, Files, Respond, RouteRedirect, Symlinks};
pub use answers::{Answers, Compression, ErrorPage, ErrorStatuses, Errors, MediaRange, SecurityHeaders};
pub use coding::Coding;
pub use cors::{AllowedOrigin, Cors, Listed};
pub use entry::{BasicAuth, Entry, ForwardAuth, InvalidServiceUrl, InvalidUsers, Satisfy, ServiceUrl, Users};
#[cfg(feature = "jwt")]
pub use entry::{InvalidKeys, Jwt, JwtAlgorithm, JwtKeys, KeySet, RequiredClaim};
pub use headers::{FieldChanges, Headers, When};
pub use host::{HostPattern, InvalidHost};
pub use limits::{Concurrency, RateKey, RateLimit, RouteLimits, RouteTimeouts};
pub use matching::{ClientScheme, Matching};
pub use path::{InvalidPath, PathPattern};
pub use pattern::{InvalidPattern, Pattern};
pub use pools::{Mirror, OtherPools, PoolShare, Split, SplitBy};
pub use rewrite::{PathRewrite, QueryRewrite, Rewrite, Strip};
pub use template::{RoutePart, RouteTemplate, RouteValue, TemplateError};
pub use value_test::ValueTest;

pub(crate) use host::LONGEST_HOST;
pub(crate) use matching::MOST_CAPTURES;
pub(crate) use owned::{is_claim, is_owned, owner};
pub(crate) use path::{PathEnd, PathSegment};

mod action;
mod answered;
mod answers;
mod coding;
mod cors;
mod destination;
mod entry;
mod headers;
mod host;
mod limits;
mod matching;
mod owned;
mod path;
mod pattern;
mod pools;
mod rewrite;
mod shown;
mod template;
mod value_test;

/// A route: the requests that it takes, and what happens to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The name in logs, metrics and of the operator's listener. No two routes have the same, and none has the name `none`,
    /// under which requests without a route are counted. Default: what the route's path is in the file.
    pub name: String,
    /// Which requests it takes.
    pub matching: Matching,
    /// What it does with them.
    pub action: Action,
    /// Which pools have to do with its requests besides those that answer them.
    pub others: OtherPools,
    /// Who may enter.
    pub entry: Entry,
    /// Limits of size, number and time.
    pub limits: RouteLimits,
    /// What is changed of a request's target.
    pub rewrite: Rewrite,
    /// What is changed of header fields, both ways.
    pub headers: Headers,
    /// What is changed of answers, or answered by the gateway.
    pub answers: Answers,
    /// The protocols that a request may upgrade to. Versions of HTTP and TLS can't be among them: requests inside the
    /// tunnel would not pass the gates. Default: `websocket`.
    pub upgrade: Upgrades,
}

impl Route {
    /// All pools that it may send requests to, as indices into [`Config::pools`](crate::config::Config::pools).
    pub fn pools(&self) -> impl Iterator<Item = usize> {
        self.action.pools().chain(self.others.pools())
    }

    /// The same, whatever number its pools have: their numbers may change, though the pools stay.
    pub(crate) fn without_numbers(&self) -> Self {
        let (action, others) = (self.action.without_numbers(), self.others.without_numbers());
        Self { action, others, ..self.clone() }
    }

    /// Whether its layers may name a request's target as it came, or parts of it.
    pub(crate) fn names_targets(&self) -> bool {
        let is_said = !self.rewrite.leaves_targets() || self.headers != Headers::default();
        is_said || !self.matching.captures().is_empty()
    }

    /// Whether not everyone may enter. No spelling of a path may get around such a route.
    pub fn is_gated(&self) -> bool {
        self.entry.is_gated()
    }
}
