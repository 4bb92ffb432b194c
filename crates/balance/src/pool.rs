use std::sync::Arc;

use tokio::sync::{Notify, futures::OwnedNotified};

use crate::{
    clock::Clock,
    endpoint::Endpoint,
    entry::Entry,
    set::Set,
    sync::{AtomicU64, Loaded, Ordering, Swap},
};

/// What all clones of a balancer share.
///
/// The policy stands last so that [`Endpoints`](crate::Endpoints) can forget its type, in the same `Arc`.
pub(crate) struct Pool<S, P: ?Sized> {
    set: Swap<Set<S>>,
    /// Wakes requests that wait because no endpoint was ready; nobody else touches it.
    changed: Arc<Notify>,
    /// Endpoints made so far.
    made: AtomicU64,
    policy: P,
}

impl<S, P> Pool<S, P> {
    pub(crate) fn new(policy: P, endpoints: impl IntoIterator<Item: Into<Entry<S>>>) -> Arc<Self> {
        let made = AtomicU64::new(0);
        let members = endpoints.into_iter().map(|entry| endpoint(entry.into(), &made)).collect();
        let set = Swap::new(Set::new(members, Clock::new()));
        Arc::new(Self { set, changed: Arc::default(), made, policy })
    }

    pub(crate) fn policy(&self) -> &P {
        &self.policy
    }
}

impl<S, P: ?Sized> Pool<S, P> {
    pub(crate) fn set(&self) -> Loaded<Set<S>> {
        self.set.load()
    }

    pub(crate) fn endpoint(&self, entry: Entry<S>) -> Arc<Endpoint<S>> {
        endpoint(entry, &self.made)
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

fn endpoint<S>(entry: Entry<S>, made: &AtomicU64) -> Arc<Endpoint<S>> {
    let ordinal = made.fetch_add(1, Ordering::Relaxed);
    Endpoint::new(entry.service, entry.weight, entry.id.unwrap_or(ordinal))
}
