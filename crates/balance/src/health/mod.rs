#[cfg(feature = "probes")]
mod active;
mod condition;
#[cfg(all(test, loom))]
mod models;
mod outliers;
mod slow_start;
mod state;
#[cfg(all(test, not(loom)))]
mod tests;
mod ward;
mod window;

#[cfg(feature = "probes")]
pub use self::active::Probes;
pub(crate) use self::{
    condition::{Admission, Condition, Sent},
    ward::Ward,
};
pub use self::{
    outliers::{FailureRate, Outliers},
    slow_start::SlowStart,
};

/// Whether an endpoint takes new requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Health {
    /// It takes its share.
    Available,
    /// It was ejected for its failures, and takes no request before one is let through on trial: see [`Outliers`].
    Ejected,
    /// It was ejected, and one request is finding out whether it is well again.
    Trial,
    /// It is back from being down, and takes a growing part of its share: see [`SlowStart`].
    SlowStart,
    /// Probes found it down: it takes none until they find it up.
    Down,
    /// It was drained or removed: no new picks, and what is in flight finishes.
    Draining,
}
