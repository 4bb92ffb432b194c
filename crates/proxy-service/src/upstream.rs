//! Which upstream a request was sent to.

use std::sync::Arc;

use crate::stages::Stages;
use crate::target::Target;
use crate::upload::Upload;

/// The upstream that a request was sent to: an extension of the response, and of an answer that
/// [`CatchError`](crate::CatchError) makes.
#[derive(Clone, Debug)]
pub struct Upstream {
    target: Arc<Target>,
    tries: u32,
    stages: Stages,
    upload: Option<Upload>,
}

impl Upstream {
    pub(crate) fn new(target: Arc<Target>, tries: u32, stages: Stages, upload: Option<Upload>) -> Self {
        Self { target, tries, stages, upload }
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

    /// How long the stages of the request took, up to the head of the answer or the failure.
    pub fn stages(&self) -> &Stages {
        &self.stages
    }

    /// How many bytes of the request's body were taken from the client so far, to be sent to this upstream. The number
    /// grows if the answer came before all of the body was sent.
    pub fn uploaded(&self) -> u64 {
        self.upload.as_ref().map_or(0, Upload::bytes)
    }
}
