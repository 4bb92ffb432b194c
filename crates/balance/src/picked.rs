/// Why a request went where it went.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Picked {
    /// The endpoint's index in the set that it was picked from.
    pub index: usize,
    /// The endpoint's [id](crate::Endpoint::id).
    pub id: u64,
    /// The policy that picked it: its [name](crate::Policy::name).
    pub policy: &'static str,
    /// Which set that was: 0 for the first, one more with every change of the endpoints.
    pub version: u64,
    /// Which endpoint this was for the request: 1 for the first that it was sent to.
    pub attempt: u32,
    /// The endpoints that were not taken, in the order in which they were looked at.
    pub skipped: Vec<Skipped>,
}

/// An endpoint that a request was not sent to, or that did not answer it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Its index in the set of that moment.
    pub index: usize,
    /// Its [id](crate::Endpoint::id).
    pub id: u64,
    /// What kept it from taking the request.
    pub why: Why,
}

/// What kept an endpoint from taking a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Why {
    /// It is ejected, or its trial is under way.
    Ejected,
    /// It is in its slow start, and this turn was not one of those that it takes.
    SlowStart,
    /// It has as much in flight as it may.
    Full,
    /// Its service was not ready.
    NotReady,
    /// It left at that very moment.
    Leaving,
    /// It failed this very request.
    Failed,
}
