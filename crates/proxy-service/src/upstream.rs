//! Which upstream a request was sent to.

use std::sync::Arc;

use crate::target::Target;

/// The upstream that a request was sent to: an extension of the response, and of an answer that
/// [`CatchError`](crate::CatchError) makes.
#[derive(Clone, Debug)]
pub struct Upstream {
    target: Arc<Target>,
    tries: u32,
}

impl Upstream {
    pub(crate) fn new(target: Arc<Target>, tries: u32) -> Self {
        Self { target, tries }
    }

    /// The upstream.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// How often the request was sent to this upstream: 2 if a first connection was dead or took no more requests,
    /// otherwise 1.
    pub fn tries(&self) -> u32 {
        self.tries
    }
}
