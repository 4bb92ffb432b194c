//! A bound connection between two requests: a task has it, which sees at once when it ends or when its client does.

use std::any::Any;

use tokio::sync::oneshot;

use super::super::connection::Connection;

/// The client's end of the line to whoever keeps its connection. Dropped, the connection is closed.
pub(in crate::client) struct Idle {
    /// For whatever type of request bodies.
    line: Box<dyn Any + Send>,
}

/// The keeper's end.
pub(in crate::client) type Wanted = oneshot::Receiver<Hand>;

/// Where the connection is handed over.
type Hand = oneshot::Sender<Box<Connection>>;

impl Idle {
    pub(in crate::client) fn new() -> (Self, Wanted) {
        let (line, wanted) = oneshot::channel::<Hand>();
        (Self { line: Box::new(line) }, wanted)
    }

    /// The connection, if it hasn't been closed.
    pub(super) async fn claim(self) -> Option<Box<Connection>> {
        let line: Box<oneshot::Sender<Hand>> = self.line.downcast().ok()?;
        let (hand, handed) = oneshot::channel();
        line.send(hand).ok()?;
        handed.await.ok()
    }
}
