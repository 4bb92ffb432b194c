use super::state::Life;

/// As what a request is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    Normally,
    /// After [`Condition::claim_trial`](super::Condition::claim_trial) said yes.
    OnTrial,
    /// Although it is ejected, as there was nobody else: it can come back by this, and not fall any deeper.
    AsLastResort,
}

/// What a request needs to be heard when its outcome is told: as what it was sent, and in which life of the endpoint.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pass {
    pub(crate) sent: Sent,
    pub(super) life: Life,
}

/// What failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nobody could connect.
    Connecting,
    Other,
}
