use std::hash::Hash;

use crate::stable_hash::stable_hash;

/// An endpoint before it is inserted: its service, its weight, its priority and its id.
#[derive(Clone, Debug)]
pub struct Entry<S> {
    pub(crate) service: S,
    pub(crate) weight: u16,
    pub(crate) priority: u8,
    pub(crate) id: Option<u64>,
}

impl<S> Entry<S> {
    /// An entry of weight 1 and priority 0, without an id of its own.
    pub fn new(service: S) -> Self {
        Self { service, weight: 1, priority: 0, id: None }
    }

    /// Its weight: an endpoint of weight 2 gets twice as many requests as one of weight 1. Weight 0 gets none until
    /// it is raised.
    pub fn weight(self, weight: u16) -> Self {
        Self { weight, ..self }
    }

    /// Its tier. Endpoints of the lowest number get the requests; those of the next number are used only while too
    /// few of them are well: see [`Settings::tier_share`](crate::Settings::tier_share).
    pub fn priority(self, priority: u8) -> Self {
        Self { priority, ..self }
    }

    /// The id by which [`Hash`](crate::Hash) maps requests to this endpoint.
    ///
    /// The same id gets the same keys in every process, whatever the order of the endpoints. Give no two endpoints
    /// the same id: they would get the same keys, and not share them evenly. The default is the number of endpoints
    /// that the balancer was given before this one.
    pub fn id(self, id: u64) -> Self {
        Self { id: Some(id), ..self }
    }

    /// Sets the [id](Self::id) to the [`stable_hash`] of a name, as [`Targets`](crate::Targets) do with their
    /// targets.
    ///
    /// ```
    /// # use balance::{Balance, Entry, RoundRobin, stable_hash};
    /// let (one, two) = ("10.0.0.1:80", "10.0.0.2:80");
    /// let balance = Balance::new(RoundRobin::new(), [one, two].map(|name| Entry::new(name).named(name)));
    /// assert_eq!(balance.endpoints().snapshot()[1].id(), stable_hash(two));
    /// ```
    pub fn named<N: Hash + ?Sized>(self, name: &N) -> Self {
        self.id(stable_hash(name))
    }

    /// The same entry with the service that `make` makes of its present one.
    pub(crate) fn map<T>(self, make: impl FnOnce(S) -> T) -> Entry<T> {
        let Self { service, weight, priority, id } = self;
        Entry { service: make(service), weight, priority, id }
    }
}

impl<S> From<(S, u16)> for Entry<S> {
    fn from((service, weight): (S, u16)) -> Self {
        Self::new(service).weight(weight)
    }
}
