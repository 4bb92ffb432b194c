//! What the connections of a set share.

use tokio::sync::Notify;

use super::outlook::Outlook;

/// What the connections of a set share with the requests that wait for a place on one.
#[derive(Debug, Default)]
pub(super) struct Common {
    /// Notified when a connection has room for another request, or the set for another connection.
    pub(super) room: Notify,
    pub(super) outlook: Outlook,
}
