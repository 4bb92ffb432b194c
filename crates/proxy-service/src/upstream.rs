//! Which upstream a request went to, told to those above.

use std::sync::Arc;

use crate::target::Target;

/// The upstream that answered, or should have: a response extension.
#[derive(Clone, Debug)]
pub struct Upstream {
    target: Arc<Target>,
    tries: u32,
}

impl Upstream {
    pub(crate) fn new(target: Arc<Target>, tries: u32) -> Self {
        Self { target, tries }
    }

    /// The upstream that the response came from, or didn't.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// How often this upstream was sent the request: 2 when a reused connection turned out to be dead, else 1.
    pub fn tries(&self) -> u32 {
        self.tries
    }
}
