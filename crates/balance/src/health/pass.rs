use super::state::Life;

/// How a request is sent to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    Normally,
    /// On trial, after [`Condition::claim_trial`](super::Condition::claim_trial) has allowed it.
    OnTrial,
    /// Although the endpoint is ejected, because there was no other. Success brings it back, and failure changes
    /// nothing.
    AsLastResort,
}

/// What the report of a request's outcome needs: how the request was sent, and in which life of the endpoint.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pass {
    pub(crate) sent: Sent,
    pub(super) life: Life,
}

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// No connection could be made.
    Connecting,
    Other,
}
