//! `Desk`: what all handlers work on.

use crate::live::{Handle, Reload};
use crate::serve::Shutdown;

/// What all handlers work on. Clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Desk {
    pub(super) handle: Handle,
    /// Reads the configuration's file again. `None` if there is none.
    pub(super) reload: Option<Reload>,
    pub(super) is_demo: bool,
    /// The end of the listener, if it is known.
    pub(super) closing: Option<Shutdown>,
}

impl Desk {
    pub(super) fn of(handle: Handle) -> Self {
        Self { handle, reload: None, is_demo: false, closing: None }
    }

    /// Whether its listener is about to end.
    pub(super) fn is_closing(&self) -> bool {
        self.closing.as_ref().is_some_and(Shutdown::has_begun)
    }
}
