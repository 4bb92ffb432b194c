//! Where hyper's tasks go.

use std::future::Future;
use std::pin::Pin;

use hyper::rt::Executor;
use tokio::sync::mpsc::{self, Receiver, Sender};

pub(super) type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Hyper's tasks of one connection. The first comes with the handshake, and is the connection itself: whoever drives what
/// sends requests drives this too, in one task, so that neither waits for the other to be woken. All others, one for each
/// request and a second for a body that can't be sent at once, are tasks of their own.
#[derive(Clone)]
pub(super) struct Tasks {
    of_handshake: Sender<Task>,
}

impl Tasks {
    pub(super) fn new() -> (Self, Receiver<Task>) {
        let (of_handshake, first) = mpsc::channel(1);
        (Self { of_handshake }, first)
    }
}

impl<F> Executor<F> for Tasks
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, task: F) {
        match self.of_handshake.try_reserve() {
            Ok(place) => place.send(Box::pin(task)),
            Err(_) => drop(tokio::spawn(task)),
        }
    }
}
