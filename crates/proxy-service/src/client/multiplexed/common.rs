//! What the connections of a set have in common.

use tokio::sync::Notify;

use super::outlook::Outlook;

/// What the connections of a set tell those who wait for one.
#[derive(Debug, Default)]
pub(super) struct Common {
    /// Told when there is room on one of them, or for another.
    pub(super) room: Notify,
    pub(super) outlook: Outlook,
}
