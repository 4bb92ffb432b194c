//! A bound connection between two requests: a task has it, which sees at once when it ends or when its client does.

use std::any::Any;

use tokio::sync::oneshot;

use super::super::Payload;
use super::super::connection::Connection;

/// The client's end of the line to whoever keeps its connection. Dropped, the connection is closed.
pub(in crate::client) struct Idle {
    /// For whatever type of request bodies.
    line: Box<dyn Any + Send>,
}

/// The keeper's end.
pub(in crate::client) type Wanted<B> = oneshot::Receiver<Hand<B>>;

/// Where the connection is handed over.
type Hand<B> = oneshot::Sender<Box<Connection<B>>>;

impl Idle {
    pub(in crate::client) fn new<B: Payload>() -> (Self, Wanted<B>) {
        let (line, wanted) = oneshot::channel::<Hand<B>>();
        (Self { line: Box::new(line) }, wanted)
    }

    /// The connection, if it hasn't been closed.
    pub(super) async fn claim<B: Payload>(self) -> Option<Box<Connection<B>>> {
        let line: Box<oneshot::Sender<Hand<B>>> = self.line.downcast().ok()?;
        let (hand, handed) = oneshot::channel();
        line.send(hand).ok()?;
        handed.await.ok()
    }
}
