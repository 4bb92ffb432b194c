//! What is copied, and what became of it.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use axum::http::Extensions;

#[derive(Clone)]
pub(super) struct Options {
    pub(super) percent: u8,
    pub(super) max_body: usize,
    pub(super) max_in_flight: usize,
    pub(super) copies: Copies,
    pub(super) timeout: Duration,
    pub(super) extensions: fn(&Extensions) -> Extensions,
    pub(super) count: Arc<dyn Fn(Mirrored) + Send + Sync>,
    pub(super) end: Arc<dyn Fn() -> End + Send + Sync>,
}

/// How many copies are under way. Clones count together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Copies(pub(super) Arc<AtomicUsize>);

/// Ready when a copy has to end.
pub(super) type End = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What became of a request that was chosen for a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mirrored {
    /// The copy was answered, with whatever status.
    Answered,
    /// The copy failed, or took too long.
    Failed,
    /// There was none: too many were under way.
    Full,
    /// There was none: the body was too long.
    TooLong,
    /// There was none: the body was not read to its end.
    Unread,
}

impl Mirrored {
    /// Its name in metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Failed => "failed",
            Self::Full => "full",
            Self::TooLong => "too_long",
            Self::Unread => "unread",
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("percent", &self.percent)
            .field("max_body", &self.max_body)
            .field("max_in_flight", &self.max_in_flight)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
