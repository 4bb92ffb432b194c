use crate::{
    endpoint::Endpoint,
    picked::{Skipped, Why},
};

/// Who was skipped and why, if anybody wants to know.
#[derive(Default)]
pub(super) struct Skips {
    noted: Option<Vec<Skipped>>,
}

impl Skips {
    /// Remembers from here on.
    pub(super) fn begin(&mut self) {
        self.noted = Some(Vec::new());
    }

    pub(super) fn note<S>(&mut self, endpoint: &Endpoint<S>, index: usize, why: Why) {
        if let Some(noted) = &mut self.noted {
            noted.push(Skipped { index, id: endpoint.id(), why });
        }
    }

    /// Before all are looked at again: what was noted of any but those with these ids is noted again then, or no longer
    /// holds. So there is no more of it than there are endpoints, however often a request that waits looks again.
    pub(super) fn keep_only(&mut self, is_kept: impl Fn(u64) -> bool) {
        if let Some(noted) = &mut self.noted {
            noted.retain(|skipped| is_kept(skipped.id));
        }
    }

    pub(super) fn take(&mut self) -> Option<Vec<Skipped>> {
        self.noted.take()
    }
}
