use std::sync::Arc;

use crate::{
    clock::Moment,
    endpoint::Endpoint,
    entry::Entry,
    set::Set,
    settings::Settings,
    shared::Shared,
    sync::{AtomicU64, Loaded, Notified, Ordering, Swap},
};

/// What all clones of a balancer share.
///
/// The policy is the last field, so that an `Arc` of this can be made into one that doesn't name the policy's type,
/// as [`Endpoints`](crate::Endpoints) has it.
pub(crate) struct Pool<S, P: ?Sized> {
    set: Swap<Set<S>>,
    shared: Arc<Shared>,
    /// How many endpoints were made so far.
    made: AtomicU64,
    policy: P,
}

impl<S, P> Pool<S, P> {
    pub(crate) fn new(
        policy: P,
        settings: Settings,
        entries: impl IntoIterator<Item: Into<Entry<S>>>,
    ) -> Arc<Self> {
        let (clock, rules) = (settings.clock.clone(), settings.rules);
        let shared = Arc::new(Shared::new(settings));
        let members: Vec<_> = (0..)
            .zip(entries)
            .map(|(ordinal, entry)| Endpoint::new(entry.into(), ordinal, Arc::clone(&shared)))
            .collect();
        shared.ward.note_members(0, members.len());
        let made = AtomicU64::new(members.len() as u64);
        let set = Swap::new(Set::new(members, clock, rules));
        Arc::new(Self { set, shared, made, policy })
    }

    pub(crate) fn policy(&self) -> &P {
        &self.policy
    }
}

impl<S, P: ?Sized> Pool<S, P> {
    pub(crate) fn set(&self) -> Loaded<Set<S>> {
        self.set.load()
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    pub(crate) fn now(&self) -> Moment {
        self.shared.ward.now()
    }

    /// Whether a request may still wait for `endpoint`. It may wait for one that is down only if all are down and
    /// are used all the same.
    pub(crate) fn is_serving(&self, endpoint: &Arc<Endpoint<S>>) -> bool {
        let is_in_the_set =
            || self.set().of_all_tiers().endpoints().iter().any(|other| Arc::ptr_eq(other, endpoint));
        endpoint.weight() > 0 && endpoint.is_open() && (!endpoint.is_down() || is_in_the_set())
    }

    /// Makes an endpoint. It is in no set yet.
    pub(crate) fn endpoint(&self, entry: Entry<S>) -> Arc<Endpoint<S>> {
        let ordinal = self.made.fetch_add(1, Ordering::Relaxed);
        Endpoint::new(entry, ordinal, Arc::clone(&self.shared))
    }

    /// Completes at the first change after this call: of the set, or when an endpoint comes back. The last change
    /// is the end of the pool.
    pub(crate) fn changed(&self) -> Notified {
        self.shared.changed.notified()
    }

    /// Completes at the first ejection after this call.
    #[cfg(feature = "probes")]
    pub(crate) fn ejected(&self) -> Notified {
        self.shared.ejected.notified()
    }

    /// Replaces the set by one of the members that `change` returns for the present set. `None` changes nothing.
    pub(crate) fn update(&self, change: impl FnMut(&Set<S>) -> Option<Vec<Arc<Endpoint<S>>>>) -> bool {
        self.update_then(change, || {})
    }

    /// Like [`update`](Self::update). After a change it calls `then`, before the requests that wait are told of the
    /// change.
    pub(crate) fn update_then(
        &self,
        mut change: impl FnMut(&Set<S>) -> Option<Vec<Arc<Endpoint<S>>>>,
        then: impl FnOnce(),
    ) -> bool {
        let (mut before, mut after) = (0, 0);
        let updated = self.set.update(|set| {
            let members = change(set)?;
            (before, after) = (set.members().len(), members.len());
            Some(set.next(members))
        });
        if updated {
            self.shared.ward.note_members(before, after);
            then();
            self.shared.changed.notify_waiters();
        }
        updated
    }

    /// Calls `change` with `endpoint` if it is a member, then makes a new set of the members for which `keep` is
    /// true.
    pub(crate) fn change(
        &self,
        endpoint: &Arc<Endpoint<S>>,
        change: impl Fn(&Endpoint<S>),
        keep: impl Fn(&Arc<Endpoint<S>>) -> bool,
    ) -> bool {
        self.update(|set| {
            if !set.is_member(endpoint) {
                return None;
            }
            change(endpoint);
            Some(set.members().iter().filter(|member| keep(member)).cloned().collect())
        })
    }
}

impl<S, P: ?Sized> Drop for Pool<S, P> {
    fn drop(&mut self) {
        self.shared.changed.notify_waiters();
    }
}
