use crate::{
    endpoint::Endpoint,
    picked::{Skipped, Why},
};

/// The endpoints that were skipped and why, if a [`Picked`](crate::Picked) was asked for.
#[derive(Default)]
pub(super) struct Skips {
    noted: Option<Vec<Skipped>>,
}

impl Skips {
    /// Starts to remember skipped endpoints.
    pub(super) fn begin(&mut self) {
        self.noted = Some(Vec::new());
    }

    pub(super) fn note<S>(&mut self, endpoint: &Endpoint<S>, index: usize, why: Why) {
        if let Some(noted) = &mut self.noted {
            noted.push(Skipped { index, id: endpoint.id(), why });
        }
    }

    /// Forgets all skipped endpoints but those with these ids. Called before all endpoints are asked again: each of
    /// the others is noted anew then, if it is skipped again. So the list is never longer than the number of
    /// endpoints, however often a waiting request asks again.
    pub(super) fn keep_only(&mut self, is_kept: impl Fn(u64) -> bool) {
        if let Some(noted) = &mut self.noted {
            noted.retain(|skipped| is_kept(skipped.id));
        }
    }

    pub(super) fn take(&mut self) -> Option<Vec<Skipped>> {
        self.noted.take()
    }
}
