//! `Desk`: what all handlers work on.

use crate::live::{Handle, Reload};

/// What all handlers work on. Clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Desk {
    pub(super) handle: Handle,
    /// Reads the configuration's file again. `None` if there is none.
    pub(super) reload: Option<Reload>,
    pub(super) is_demo: bool,
}
