//! `Options`: how a listener serves.

use std::sync::Arc;

use arc_swap::ArcSwap;
pub use http1::HeaderCase;

use super::{Limits, Refusals};

/// How a listener serves. It can be made from [`Limits`] alone: everything else has its default then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The time limits and sizes.
    pub limits: Limits,
    /// The case in which field names are written in HTTP/1 responses. Over HTTP/2 they are always in lower case (RFC 9113
    /// §8.2.1).
    pub header_case: HeaderCase,
    /// Who answers requests that are refused.
    pub refusals: Refusals,
}

impl From<Limits> for Options {
    fn from(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }
}

/// Options that may change: a connection keeps those that it began with.
pub(crate) type LiveOptions = Arc<ArcSwap<Options>>;
