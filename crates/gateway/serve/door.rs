//! `Door`: a listening socket on its worker.

use std::sync::Arc;

use super::{Listening, Shutdown};
use crate::config::Listen;

/// A listening socket on its worker, and what is to be done with its connections.
#[derive(Debug)]
pub(crate) struct Door {
    /// Whoever accepts is its only owner: when that ends, the socket is closed.
    pub(crate) listening: Arc<Listening>,
    /// The listener that it belongs to.
    pub(crate) listen: Listen,
    /// The end of this listener, which may come before that of the gateway.
    pub(crate) shutdown: Shutdown,
}
