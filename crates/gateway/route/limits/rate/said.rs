//! `Said`: what one limit says of a request, until it is known what all of them say.

use super::decision::Decision;

/// What a limit says of a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said {
    pub(super) decision: Decision,
    pub(super) counted: Counted,
}

/// Where a request that passes is counted.
#[derive(Clone, Copy, Debug)]
pub(super) enum Counted {
    /// In this process, under this hash.
    Here { hash: u64 },
    /// Nowhere yet, or where all limits count a request together.
    #[cfg_attr(not(feature = "redis"), expect(dead_code, reason = "only Redis counts elsewhere"))]
    Elsewhere,
}

#[cfg(feature = "redis")]
impl Said {
    /// It wasn't asked yet.
    pub(super) const NOTHING: Self = Self { decision: Decision::Unknown, counted: Counted::Elsewhere };
}
