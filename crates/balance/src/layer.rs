use std::{fmt, sync::Arc};

use tower_layer::Layer;

#[cfg(feature = "http")]
use crate::body::OnBodyEnd;
use crate::{
    completion::OnResponse,
    entry::Entry,
    failover::{Failover, NoFailover},
    hedge::{Hedge, Hedging},
    new_endpoint::NewEndpoint,
    policy::RoundRobin,
    retry::{Retry, Retrying},
    service::Balance,
    settings::Settings,
};

/// A [`BalanceLayer`] that sends requests to its targets in turn: see [`RoundRobin`].
pub type RoundRobinLayer<T, F = NoFailover, C = OnResponse> = BalanceLayer<T, RoundRobin, F, C>;

/// Balances over targets by the policy `P`.
///
/// The "service" under the layer is a [`NewEndpoint`], usually a closure. It is called once for each target, and
/// makes the service that reaches it.
///
/// Each use of the layer makes a new [`Balance`], with its own policy, endpoints and counters.
pub struct BalanceLayer<T, P, F = NoFailover, C = OnResponse> {
    targets: Arc<[Entry<T>]>,
    settings: Settings,
    policy: P,
    recover: F,
    completion: C,
}

impl<T, P: Default> BalanceLayer<T, P> {
    /// Balances over targets of equal weight.
    pub fn new(targets: impl IntoIterator<Item = T>) -> Self {
        Self::weighted(targets.into_iter().map(|target| (target, 1)))
    }

    /// Balances over targets and their weights. Weight 0 gets no requests until it is raised.
    pub fn weighted(targets: impl IntoIterator<Item = (T, u16)>) -> Self {
        Self::entries(targets)
    }

    /// Balances over [entries](Entry): targets with a weight and an id. [`Hash`](crate::Hash) maps requests to
    /// these ids (see [`Entry::named`]), whatever the order of the targets.
    ///
    /// ```
    /// # use std::future::ready;
    /// # use balance::{BoxError, Entry, Hash, Key, RoundRobinLayer};
    /// # use tower::{Layer, ServiceExt, service_fn};
    /// # tokio_test::block_on(async {
    /// let answer = |target: &'static str| service_fn(move |_user: &str| ready(Ok::<_, BoxError>(target)));
    /// let over = |targets: [&'static str; 3]| {
    ///     RoundRobinLayer::entries(targets.map(|target| Entry::new(target).named(target)))
    ///         .policy(Hash::by(|user: &&str| Key::of(user)))
    ///         .layer(answer)
    /// };
    /// for user in ["alice", "bob", "carol", "dave"] {
    ///     let one = over(["a", "b", "c"]).oneshot(user).await.unwrap();
    ///     let other = over(["c", "a", "b"]).oneshot(user).await.unwrap();
    ///     assert_eq!(one, other);
    /// }
    /// # });
    /// ```
    pub fn entries(targets: impl IntoIterator<Item: Into<Entry<T>>>) -> Self {
        Self {
            targets: targets.into_iter().map(Into::into).collect(),
            settings: Settings::new(),
            policy: P::default(),
            recover: NoFailover,
            completion: OnResponse::default(),
        }
    }
}

impl<T, P, F, C> BalanceLayer<T, P, F, C> {
    /// Sets the policy. Each use of the layer clones it, and so has a state of its own.
    pub fn policy<Q>(self, policy: Q) -> BalanceLayer<T, Q, F, C> {
        let Self { targets, settings, policy: _, recover, completion } = self;
        BalanceLayer { targets, settings, policy, recover, completion }
    }

    /// Sets health, limits and the clock.
    pub fn settings(self, settings: Settings) -> Self {
        Self { settings, ..self }
    }

    /// Sends a request on to another endpoint if the first one gives it back unsent: see [`Balance::failover`].
    pub fn failover(self, n: u32) -> BalanceLayer<T, P, Failover, C> {
        self.recover_by(Failover::new(n))
    }

    /// Retries requests: see [`Balance::retry`]. All uses of the layer share one budget.
    pub fn retry<R>(self, retry: Retry<R>) -> BalanceLayer<T, P, Retrying<R, F>, C>
    where
        F: Clone,
    {
        let retrying = Retrying::new(retry, self.recover.clone());
        self.recover_by(retrying)
    }

    /// Hedges requests: see [`Balance::hedge`]. All uses of the layer share one budget, and what is known of the time that
    /// answers take.
    pub fn hedge<R>(self, hedge: impl Into<Option<Hedge<R>>>) -> BalanceLayer<T, P, Hedging<R, F>, C>
    where
        F: Clone,
    {
        let hedging = Hedging::new(hedge.into(), self.recover.clone());
        self.recover_by(hedging)
    }

    /// Sets when a request ends and what its result says about the endpoint: see [`Balance::completion`].
    pub fn completion<D>(self, completion: D) -> BalanceLayer<T, P, F, D> {
        let Self { targets, settings, policy, recover, completion: _ } = self;
        BalanceLayer { targets, settings, policy, recover, completion }
    }

    /// Counts a request as in flight until its response *body* ends. Feature `http`.
    #[cfg(feature = "http")]
    pub fn track_bodies(self) -> BalanceLayer<T, P, F, OnBodyEnd> {
        self.completion(OnBodyEnd::default())
    }

    fn recover_by<G>(self, recover: G) -> BalanceLayer<T, P, G, C> {
        let Self { targets, settings, policy, recover: _, completion } = self;
        BalanceLayer { targets, settings, policy, recover, completion }
    }
}

impl<T, M, P, F, C> Layer<M> for BalanceLayer<T, P, F, C>
where
    T: Clone,
    M: NewEndpoint<T>,
    P: Clone,
    F: Clone,
    C: Clone,
{
    type Service = Balance<M::Service, P, F, C>;

    fn layer(&self, make: M) -> Self::Service {
        let endpoints =
            self.targets.iter().cloned().map(|entry| entry.map(|target| make.new_endpoint(target)));
        Balance::with(self.settings.clone(), self.policy.clone(), endpoints)
            .recover_by(self.recover.clone())
            .completion(self.completion.clone())
    }
}

impl<T, P: Clone, F: Clone, C: Clone> Clone for BalanceLayer<T, P, F, C> {
    fn clone(&self) -> Self {
        Self {
            targets: Arc::clone(&self.targets),
            settings: self.settings.clone(),
            policy: self.policy.clone(),
            recover: self.recover.clone(),
            completion: self.completion.clone(),
        }
    }
}

impl<T: fmt::Debug, P: fmt::Debug, F: fmt::Debug, C> fmt::Debug for BalanceLayer<T, P, F, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BalanceLayer")
            .field("targets", &self.targets)
            .field("policy", &self.policy)
            .field("recover", &self.recover)
            .finish_non_exhaustive()
    }
}
