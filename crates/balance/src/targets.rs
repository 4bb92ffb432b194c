use std::{
    collections::{HashMap, HashSet, hash_map::Entry::*},
    fmt,
    future::poll_fn,
    hash::Hash,
    pin::{Pin, pin},
    sync::{Arc, Weak},
    task::{Poll, ready},
};

use futures_core::Stream;

use crate::{
    endpoint::Endpoint, entry::Entry, health::Health, new_endpoint::NewEndpoint, pool::Pool, set::Set,
    stable_hash::stable_hash,
};

/// Endpoints that are known by their targets and set as a whole. Made by
/// [`Endpoints::by_target`](crate::Endpoints::by_target).
///
/// A target that stays keeps its endpoint, with its counters, its health and its requests in flight. Endpoints that
/// were inserted in another way (by the layer, by a handle, by other `Targets`) don't change, even if they have the
/// same target.
///
/// This handle doesn't keep the balancer alive. The [id](Entry::id) of each endpoint is a hash of its target, and
/// so the same in every process.
///
/// ```
/// # use std::future::ready;
/// # use balance::{Balance, BoxError, RoundRobinLayer};
/// # use tower::{Layer, ServiceExt, service_fn};
/// # tokio_test::block_on(async {
/// let greet = |name: &'static str| service_fn(move |()| ready(Ok::<_, BoxError>(name)));
/// let balance = RoundRobinLayer::new([]).layer(greet);
///
/// let mut targets = balance.endpoints().by_target(greet);
/// targets.set([("a", 1), ("b", 1)]);
/// assert_eq!(balance.clone().oneshot(()).await.unwrap(), "a");
/// targets.set([("b", 1), ("c", 1)]);
///
/// let b = &balance.endpoints().snapshot()[0];
/// assert_eq!(balance.clone().oneshot(()).await.unwrap(), "c");
/// assert_eq!(balance.clone().oneshot(()).await.unwrap(), "b");
/// assert_eq!(b.requests(), 1);
/// # });
/// ```
pub struct Targets<T, S, M> {
    pool: Weak<Pool<S, dyn Send + Sync>>,
    make: M,
    /// The targets of the last set, with their endpoints.
    named: Names<T, S>,
}

type Names<T, S> = HashMap<T, Named<S>>;

struct Named<S> {
    endpoint: Arc<Endpoint<S>>,
    weight: u16,
    priority: u8,
}

impl<T, S, M> Targets<T, S, M> {
    pub(crate) fn new(pool: Weak<Pool<S, dyn Send + Sync>>, make: M) -> Self {
        Self { pool, make, named: HashMap::new() }
    }
}

impl<T, S, M> Targets<T, S, M>
where
    T: Eq + Hash + Clone,
    M: NewEndpoint<T, Service = S>,
{
    /// Makes these the targets, with these weights and priorities, in one change: a pick sees either all of the old targets or all
    /// of the new ones. Returns false if nothing changed, or if the balancer is gone.
    ///
    /// Targets that stay keep their places, and new ones follow in the order given. Targets that aren't named
    /// leave: their requests in flight finish, and no new one begins after this call has returned. A target that is
    /// named twice gets the sum of its weights, at most 65,535, and the lower priority. Weight 0 is a pause. An
    /// entry's id counts for a target that is new.
    ///
    /// A weight that was set by hand stays until the target is named with another weight than before. An endpoint that
    /// was paused or drained by hand stays so as long as its target is named. A target whose endpoint was removed by
    /// hand gets a new one.
    pub fn set(&mut self, targets: impl IntoIterator<Item: Into<Entry<T>>>) -> bool {
        let Some(pool) = self.pool.upgrade() else { return false };
        let (named, added) = self.name(targets, &pool);
        let reweighed = self.reweigh(&named);
        let left: Vec<_> = self.left_by(&named).collect();
        let leaving: HashSet<_> = left.iter().map(|endpoint| Arc::as_ptr(endpoint)).collect();
        let is_new = reweighed || !added.is_empty() || !left.is_empty();
        let members = |set: &Set<S>| {
            let staying = set.members().iter().filter(|member| !leaving.contains(&Arc::as_ptr(member)));
            is_new.then(|| staying.chain(&added).cloned().collect())
        };
        // The endpoints are closed after the new set is in place, so that no pick finds all endpoints of the old
        // set closed. They are closed before waiting requests ask again, so that none goes on waiting for them.
        let updated = pool.update_then(members, || left.iter().for_each(|endpoint| endpoint.close()));
        self.named = named;
        updated
    }

    /// Sets the targets to each set that `sets` yields. Ends when `sets` ends, or when the balancer is gone: all
    /// its clones, its requests and its [`Endpoints`](crate::Endpoints). The last set stays.
    ///
    /// Spawn this future, or join it with others. It does nothing between two sets. If sets come faster than they
    /// can be set, use a stream that yields only the latest one, such as one made from a tokio `watch`.
    pub async fn follow<I>(mut self, sets: impl Stream<Item = I>)
    where
        I: IntoIterator<Item: Into<Entry<T>>>,
    {
        let mut sets = pin!(sets);
        while let Some(set) = next(sets.as_mut(), &self.pool).await {
            self.set(set);
        }
    }

    /// The endpoints of `targets`, and which of them are new.
    fn name(
        &self,
        targets: impl IntoIterator<Item: Into<Entry<T>>>,
        pool: &Pool<S, dyn Send + Sync>,
    ) -> (Names<T, S>, Vec<Arc<Endpoint<S>>>) {
        let (mut named, mut added) = (Names::<T, S>::new(), vec![]);
        for entry in targets {
            let Entry { service: target, weight, priority, id } = entry.into();
            match named.entry(target) {
                Occupied(mut twice) => {
                    let named = twice.get_mut();
                    named.weight = named.weight.saturating_add(weight);
                    named.priority = named.priority.min(priority);
                }
                Vacant(once) => {
                    let endpoint = self.present(once.key(), pool).unwrap_or_else(|| {
                        let service = self.make.new_endpoint(once.key().clone());
                        let id = id.unwrap_or_else(|| stable_hash(once.key()));
                        let endpoint = pool.endpoint(Entry::new(service).id(id));
                        added.push(Arc::clone(&endpoint));
                        endpoint
                    });
                    once.insert(Named { endpoint, weight, priority });
                }
            }
        }
        (named, added)
    }

    /// The present endpoint of `target`, unless it was removed by hand.
    fn present(&self, target: &T, pool: &Pool<S, dyn Send + Sync>) -> Option<Arc<Endpoint<S>>> {
        let endpoint = &self.named.get(target)?.endpoint;
        let was_removed = endpoint.health() == Health::Draining && !pool.set().is_member(endpoint);
        (!was_removed).then(|| Arc::clone(endpoint))
    }

    /// Gives each endpoint the weight and the priority that are new for its target. Returns whether any of them changed.
    fn reweigh(&self, named: &Names<T, S>) -> bool {
        named.iter().fold(false, |reweighed, (target, now)| {
            let before = self.named.get(target).filter(|before| Arc::ptr_eq(&before.endpoint, &now.endpoint));
            let Named { endpoint, weight, priority } = now;
            let reweighs =
                before.is_none_or(|before| before.weight != *weight) && endpoint.weight() != *weight;
            if reweighs {
                endpoint.set_weight(*weight);
            }
            let moves = endpoint.priority() != *priority;
            if moves {
                endpoint.set_priority(*priority);
            }
            reweighed || reweighs || moves
        })
    }

    fn left_by<'a>(&'a self, named: &'a Names<T, S>) -> impl Iterator<Item = &'a Arc<Endpoint<S>>> {
        let left = self.named.iter().filter(|(target, _)| !named.contains_key(*target));
        left.map(|(_, left)| &left.endpoint)
    }
}

/// The next of `sets`; `None` when they end or the pool is gone.
async fn next<I, S>(
    mut sets: Pin<&mut impl Stream<Item = I>>,
    pool: &Weak<Pool<S, dyn Send + Sync>>,
) -> Option<I> {
    let mut changed = pin!(pool.upgrade()?.changed());
    poll_fn(|cx| {
        loop {
            if let Poll::Ready(set) = sets.as_mut().poll_next(cx) {
                return Poll::Ready(set);
            }
            ready!(changed.as_mut().poll(cx));
            match pool.upgrade() {
                Some(pool) => changed.set(pool.changed()),
                None => return Poll::Ready(None),
            }
        }
    })
    .await
}

impl<T, S, M> fmt::Debug for Targets<T, S, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Targets").field("named", &self.named.len()).finish_non_exhaustive()
    }
}
