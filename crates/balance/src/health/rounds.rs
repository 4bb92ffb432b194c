use std::{collections::HashMap, sync::Arc};

use tokio::task::{AbortHandle, JoinSet};

use crate::endpoint::Endpoint;

/// One task for each endpoint that needs one, with the reason `R` for which it is needed. The tasks end when this
/// is dropped.
pub(super) struct Rounds<S, R> {
    tasks: JoinSet<()>,
    /// By the address of the endpoint. The task keeps the endpoint, so the address is no other's.
    begun: HashMap<usize, Task<S, R>>,
}

/// A task that is aborted when this is dropped, unless it is done.
struct Task<S, R> {
    _endpoint: Arc<Endpoint<S>>,
    reason: R,
    handle: AbortHandle,
}

impl<S, R: Copy + PartialEq> Rounds<S, R> {
    pub(super) fn new() -> Self {
        Self { tasks: JoinSet::new(), begun: HashMap::new() }
    }

    /// Begins the tasks that are newly needed, and ends those that no longer are. A task that is done isn't begun
    /// again for the same reason.
    pub(super) fn attend_to<'a, F>(
        &mut self,
        needed: impl Iterator<Item = (&'a Arc<Endpoint<S>>, R)>,
        task: impl Fn(Arc<Endpoint<S>>, R) -> F,
    ) where
        F: Future<Output = ()> + Send + 'static,
        S: 'a,
    {
        let mut before = std::mem::take(&mut self.begun);
        for (endpoint, reason) in needed {
            let address = Arc::as_ptr(endpoint).addr();
            let begun =
                before.remove(&address).filter(|begun| begun.reason == reason).unwrap_or_else(|| Task {
                    _endpoint: Arc::clone(endpoint),
                    reason,
                    handle: self.tasks.spawn(task(Arc::clone(endpoint), reason)),
                });
            self.begun.insert(address, begun);
        }
        drop(before);
        while self.tasks.try_join_next().is_some() {}
    }
}

impl<S, R> Drop for Task<S, R> {
    fn drop(&mut self) {
        self.handle.abort();
    }
}
