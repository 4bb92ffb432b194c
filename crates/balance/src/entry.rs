use std::hash::Hash;

use crate::stable_hash::stable_hash;

/// What an endpoint begins as: its service, and what is known of it.
#[derive(Clone, Debug)]
pub struct Entry<S> {
    pub(crate) service: S,
    pub(crate) weight: u16,
    pub(crate) id: Option<u64>,
}

impl<S> Entry<S> {
    /// Of weight 1.
    pub fn new(service: S) -> Self {
        Self { service, weight: 1, id: None }
    }

    /// Its share against the others'. Weight 0 takes no picks until it is raised.
    pub fn weight(self, weight: u16) -> Self {
        Self { weight, ..self }
    }

    /// What it is known by wherever requests are mapped to endpoints by a hash. The same id gets the same keys, whatever
    /// the order of the endpoints and in every process; two of the same id get the same keys too, and share none of them
    /// well. Without one it is the number of endpoints that the balancer had been given before.
    pub fn id(self, id: u64) -> Self {
        Self { id: Some(id), ..self }
    }

    /// Gives it the [`stable_hash`] of a name as its [id](Self::id), as [`Targets`](crate::Targets) do with theirs.
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

    /// The same of the service that `make` makes of this one's.
    pub(crate) fn map<T>(self, make: impl FnOnce(S) -> T) -> Entry<T> {
        let Self { service, weight, id } = self;
        Entry { service: make(service), weight, id }
    }
}

impl<S> From<(S, u16)> for Entry<S> {
    fn from((service, weight): (S, u16)) -> Self {
        Self::new(service).weight(weight)
    }
}
