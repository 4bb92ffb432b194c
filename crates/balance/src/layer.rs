use std::{fmt, marker::PhantomData, sync::Arc};

use tower_layer::Layer;

#[cfg(feature = "http")]
use crate::body::OnBodyEnd;
use crate::{
    completion::OnResponse,
    failover::{Failover, NoFailover},
    policy::RoundRobin,
    service::Balance,
};

/// Makes the service that reaches one endpoint: any `Fn(T) -> S`.
pub trait NewEndpoint<T> {
    /// The service of one endpoint.
    type Service;

    /// The service that reaches `target`, made once, when the endpoint is.
    fn new_endpoint(&self, target: T) -> Self::Service;
}

impl<T, S, M> NewEndpoint<T> for M
where
    M: Fn(T) -> S,
{
    type Service = S;

    fn new_endpoint(&self, target: T) -> S {
        self(target)
    }
}

/// Balances over targets in turn: see [`RoundRobin`].
pub type RoundRobinLayer<T, F = NoFailover, C = OnResponse> = BalanceLayer<T, RoundRobin, F, C>;

/// Balances over targets by the policy `P`; the "service" under it is what makes one endpoint's
/// ([`NewEndpoint`]), called once for each target.
///
/// Every use of the layer makes a [`Balance`] of its own, with its own policy, endpoints and counts.
pub struct BalanceLayer<T, P, F = NoFailover, C = OnResponse> {
    targets: Arc<[(T, u16)]>,
    failover: F,
    makes: PhantomData<fn() -> (P, C)>,
}

impl<T, P> BalanceLayer<T, P> {
    /// Over `targets` of equal weight.
    pub fn new(targets: impl IntoIterator<Item = T>) -> Self {
        Self::weighted(targets.into_iter().map(|target| (target, 1)))
    }

    /// Over targets and their weights. Weight 0 takes no picks until it is raised.
    pub fn weighted(targets: impl IntoIterator<Item = (T, u16)>) -> Self {
        Self { targets: targets.into_iter().collect(), failover: NoFailover, makes: PhantomData }
    }
}

impl<T, P, F, C> BalanceLayer<T, P, F, C> {
    /// Sends a request that an endpoint gives back unsent on to another: see [`Balance::failover`].
    pub fn failover(self, n: u32) -> BalanceLayer<T, P, Failover, C> {
        BalanceLayer { targets: self.targets, failover: Failover::new(n), makes: PhantomData }
    }

    /// Counts a request as in flight until its response *body* ends.
    #[cfg(feature = "http")]
    pub fn track_bodies(self) -> BalanceLayer<T, P, F, OnBodyEnd> {
        BalanceLayer { targets: self.targets, failover: self.failover, makes: PhantomData }
    }
}

impl<T, M, P, F, C> Layer<M> for BalanceLayer<T, P, F, C>
where
    T: Clone,
    M: NewEndpoint<T>,
    P: Default,
    F: Clone,
{
    type Service = Balance<M::Service, P, F, C>;

    fn layer(&self, make: M) -> Self::Service {
        let endpoints =
            self.targets.iter().map(|(target, weight)| (make.new_endpoint(target.clone()), *weight));
        Balance::of(P::default(), endpoints, self.failover.clone())
    }
}

impl<T, P, F: Clone, C> Clone for BalanceLayer<T, P, F, C> {
    fn clone(&self) -> Self {
        Self { targets: Arc::clone(&self.targets), failover: self.failover.clone(), makes: PhantomData }
    }
}

impl<T: fmt::Debug, P, F: fmt::Debug, C> fmt::Debug for BalanceLayer<T, P, F, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BalanceLayer")
            .field("targets", &self.targets)
            .field("failover", &self.failover)
            .finish()
    }
}
