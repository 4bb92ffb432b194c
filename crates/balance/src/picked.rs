/// Why a request was sent to this endpoint and not to another.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Picked {
    /// The endpoint's index in [`Set::endpoints`](crate::Set::endpoints) when it was picked.
    pub index: usize,
    /// The endpoint's [id](crate::Endpoint::id).
    pub id: u64,
    /// The [name](crate::Policy::name) of the policy that picked it.
    pub policy: &'static str,
    /// The version of the set that it was picked from: 0 for the first, and one more with each change of the
    /// endpoints.
    pub version: u64,
    /// How many endpoints the request was sent to so far, this one included.
    pub attempt: u32,
    /// The endpoints that were asked before and not taken, in that order.
    pub skipped: Vec<Skipped>,
}

/// An endpoint that the request was not sent to, or that failed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Its index in the set of that time.
    pub index: usize,
    /// Its [id](crate::Endpoint::id).
    pub id: u64,
    /// Why it was not taken.
    pub why: Why,
}

/// Why an endpoint was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Why {
    /// It is ejected, or another request is on trial at it.
    Ejected,
    /// It is in its slow start, and left this request to the others.
    SlowStart,
    /// It has as many requests in flight as its [`Limit`](crate::Limit) allows.
    Full,
    /// Its service was not ready.
    NotReady,
    /// It was drained, removed or paused at that moment.
    Leaving,
    /// It failed this request, or failed to become ready for it.
    Failed,
    /// It had not answered this request when it was time to [hedge](crate::Balance::hedge).
    Slow,
}
