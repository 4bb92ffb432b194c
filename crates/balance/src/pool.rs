use std::sync::Arc;

use tokio::sync::{Notify, futures::OwnedNotified};

use crate::{
    endpoint::Endpoint,
    set::Set,
    sync::{Loaded, Swap},
};

/// What all clones of a balancer share.
///
/// The policy stands last so that [`Endpoints`](crate::Endpoints) can forget its type, in the same `Arc`.
pub(crate) struct Pool<S, P: ?Sized> {
    set: Swap<Set<S>>,
    /// Wakes requests that wait because no endpoint was ready; nobody else touches it.
    changed: Arc<Notify>,
    policy: P,
}

impl<S, P> Pool<S, P> {
    pub(crate) fn new(policy: P, endpoints: impl IntoIterator<Item = (S, u16)>) -> Arc<Self> {
        let members = endpoints.into_iter().map(|(service, weight)| Endpoint::new(service, weight)).collect();
        Arc::new(Self { set: Swap::new(Set::new(members)), changed: Arc::default(), policy })
    }

    pub(crate) fn policy(&self) -> &P {
        &self.policy
    }
}

impl<S, P: ?Sized> Pool<S, P> {
    pub(crate) fn set(&self) -> Loaded<Set<S>> {
        self.set.load()
    }

    /// Completes at the first change after this call.
    pub(crate) fn changed(&self) -> OwnedNotified {
        Arc::clone(&self.changed).notified_owned()
    }

    /// Makes a new set of the members that `change` gives for the present ones, `None` being no change.
    pub(crate) fn update(&self, mut change: impl FnMut(&Set<S>) -> Option<Vec<Arc<Endpoint<S>>>>) -> bool {
        let updated = self.set.update(|set| change(set).map(|members| set.next(members)));
        if updated {
            self.changed.notify_waiters();
        }
        updated
    }
}
