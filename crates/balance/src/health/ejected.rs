//! `Ejected`: an ejection, as it is shown.

use std::time::Duration;

use super::cause::Cause;

/// An ejection, as [`Details`](crate::Details) show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ejected {
    /// Why it was ejected.
    pub cause: Cause,
    /// Whether no connection can be made to it. If such endpoints are [dialled](crate::Endpoints::dial), it is back
    /// with the first dial that succeeds, whatever is left of its time.
    pub is_unreachable: bool,
    /// How long the ejection still lasts. With 0, the next request ends it, or is sent on trial.
    pub left: Duration,
}
