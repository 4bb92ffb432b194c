#[cfg(feature = "probes")]
mod active;
mod condition;
#[cfg(feature = "probes")]
mod dials;
#[cfg(all(test, loom))]
mod models;
mod outliers;
mod pass;
#[cfg(feature = "probes")]
mod question;
#[cfg(any(test, feature = "probes"))]
mod reached;
#[cfg(feature = "probes")]
mod rounds;
mod slow_start;
mod state;
mod tally;
#[cfg(all(test, not(loom)))]
mod tests;
mod ward;
mod window;

#[cfg(feature = "probes")]
pub(crate) use self::reached::Ejection;
#[cfg(feature = "probes")]
pub use self::{active::Probes, dials::Dials};
pub(crate) use self::{
    condition::{Admission, Condition},
    pass::{Fault, Pass, Sent},
    ward::Ward,
};
pub use self::{
    outliers::{FailureRate, Outliers},
    slow_start::SlowStart,
};

/// What becomes of requests while probes find every endpoint down.
///
/// They may all be down; or the probes may ask for the wrong thing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AllDown {
    /// The answer is [`NoEndpoints`](crate::NoEndpoints), at once: the default. Whoever takes all endpoints out by their
    /// probes means it, and no request waits for what is known to be gone.
    #[default]
    Refuse,
    /// They are sent to the endpoints as if all were up, until the first is.
    Use,
}

/// Whether an endpoint takes new requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Health {
    /// It takes its share.
    Available,
    /// It was ejected for its failures, and takes no request before one is let through on trial, or a dial finds that it
    /// can be connected to: see [`Outliers`].
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
