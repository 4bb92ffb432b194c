//! A bound connection while it is idle. A task holds it, and notices at once when the connection or its client ends.

use tokio::sync::oneshot;

use super::super::connection::Connection;

/// The client's end of the channel to the task that holds its connection. If this end is dropped, the task closes the
/// connection.
pub(in crate::client) struct Idle {
    line: oneshot::Sender<Hand>,
}

/// The task's end of the channel.
pub(in crate::client) type Wanted = oneshot::Receiver<Hand>;

/// The channel on which the task hands the connection over.
type Hand = oneshot::Sender<Box<Connection>>;

impl Idle {
    pub(in crate::client) fn new() -> (Self, Wanted) {
        let (line, wanted) = oneshot::channel();
        (Self { line }, wanted)
    }

    /// Asks the task for the connection. None if it has been closed.
    pub(super) async fn claim(self) -> Option<Box<Connection>> {
        let (hand, handed) = oneshot::channel();
        self.line.send(hand).ok()?;
        handed.await.ok()
    }
}
