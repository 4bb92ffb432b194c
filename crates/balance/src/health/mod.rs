#[cfg(feature = "probes")]
mod active;
mod by_hand;
mod cause;
mod condition;
#[cfg(feature = "probes")]
mod dials;
mod ejected;
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
pub use self::{
    cause::Cause,
    ejected::Ejected,
    outliers::{FailureRate, Outliers},
    slow_start::SlowStart,
};
pub(crate) use self::{
    condition::{Admission, Condition},
    pass::{Fault, Pass, Sent},
    ward::Ward,
};

/// What happens to requests while probes find all endpoints down.
///
/// All of them may really be down. Or the probes ask for the wrong thing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AllDown {
    /// Requests fail with [`NoEndpoints`](crate::NoEndpoints), at once. This is the default: no request waits for
    /// endpoints that are known to be down.
    #[default]
    Refuse,
    /// Requests are sent to the endpoints as if all were up, until the first one is.
    Use,
}

/// The health of an endpoint, which decides whether it takes new requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Health {
    /// It takes its share of the requests.
    Available,
    /// It was ejected, for its failures or [by hand](crate::Endpoints::eject). For its failures it takes no request
    /// until one is sent on trial, or until a dial can connect: see [`Outliers`].
    Ejected,
    /// It was ejected, and one request is on trial: its outcome decides whether the endpoint is back.
    Trial,
    /// It was ejected or down, is back, and takes a growing part of its share: see [`SlowStart`].
    SlowStart,
    /// Probes found it down. It takes no request until they find it up.
    Down,
    /// It was [paused](crate::Endpoints::pause). It takes no new request until it is resumed, and its requests in flight
    /// finish.
    Paused,
    /// It was drained or removed. It takes no new request, and its requests in flight finish.
    Draining,
}
