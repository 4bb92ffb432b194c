use std::{
    fmt,
    sync::Arc,
    task::{Context, Poll},
};

use tower_service::Service;

#[cfg(feature = "http")]
use crate::body::OnBodyEnd;
use crate::{
    completion::{Completion, OnResponse},
    endpoint::Endpoint,
    endpoints::Endpoints,
    entry::Entry,
    error::BoxError,
    failover::{Failover, NoFailover},
    future::ResponseFuture,
    hedge::{Hedge, Hedging},
    passed::Passed,
    policy::{Policy, RoundRobin},
    pool::Pool,
    recover::Recover,
    retry::{Retry, Retrying},
    settings::Settings,
};

/// A service that sends each request to one of several services: to the endpoint that the policy `P` picks.
///
/// Clones share their endpoints and their policy; a clone costs one `Arc`. The service is always ready: its
/// [future](ResponseFuture) picks an endpoint and waits until that one is ready.
///
/// # Errors
///
/// [`NoEndpoints`](crate::NoEndpoints), at once, if there is no endpoint to ask. [`Overloaded`](crate::Overloaded)
/// if all are full and the queue is full too, or didn't help in time. Otherwise the error of the endpoint's
/// service. If an endpoint's `poll_ready` fails, nothing was sent to it: the request goes on to another endpoint,
/// and that error is the answer only if no other takes the request.
pub struct Balance<S, P = RoundRobin, F = NoFailover, C = OnResponse> {
    pub(crate) pool: Arc<Pool<S, P>>,
    pub(crate) recover: F,
    pub(crate) completion: C,
}

impl<S> Balance<S> {
    /// Balances over `services` in turn, starting with the first.
    pub fn round_robin(services: impl IntoIterator<Item = S>) -> Self {
        Self::new(RoundRobin::new(), services.into_iter().map(|service| (service, 1)))
    }
}

impl<S, P> Balance<S, P> {
    /// Balances over services with weights by `policy`. `settings` says what goes for health, limits and the clock.
    pub fn with(settings: Settings, policy: P, endpoints: impl IntoIterator<Item: Into<Entry<S>>>) -> Self {
        Self {
            pool: Pool::new(policy, settings, endpoints),
            recover: NoFailover,
            completion: OnResponse::default(),
        }
    }

    /// Balances over services with weights by `policy`, with the default [`Settings`]. Weight 0 gets no requests
    /// until it is raised.
    pub fn new(policy: P, endpoints: impl IntoIterator<Item: Into<Entry<S>>>) -> Self {
        Self::with(Settings::new(), policy, endpoints)
    }
}

impl<S, P, F, C> Balance<S, P, F, C> {
    /// Sends a request on to another endpoint if an endpoint gives it back unsent, to at most `n` further
    /// endpoints.
    ///
    /// The balancer is then a service only if the endpoints' error can give the request back
    /// ([`Unsent`](crate::Unsent)):
    ///
    /// ```
    /// # use balance::Balance;
    /// # use tower::{service_fn, ServiceExt};
    /// struct Request(&'static str);
    /// struct Failed(Option<Request>);
    /// impl TryFrom<Failed> for Request {
    ///     type Error = Failed;
    ///     fn try_from(failed: Failed) -> Result<Self, Failed> { failed.0.ok_or(Failed(None)) }
    /// }
    /// impl From<Failed> for balance::BoxError {
    ///     fn from(_: Failed) -> Self { "it broke".into() }
    /// }
    /// let one = service_fn(async |request: Request| Err::<(), _>(Failed(Some(request))));
    /// drop(Balance::round_robin([one]).failover(1).oneshot(Request("hello")));
    /// ```
    ///
    /// ```compile_fail,E0277
    /// # use balance::Balance;
    /// # use tower::{service_fn, ServiceExt};
    /// struct Request(&'static str);
    /// let one = service_fn(async |_: Request| Err::<(), _>(std::io::Error::other("it broke")));
    /// drop(Balance::round_robin([one]).failover(1).oneshot(Request("hello")));
    /// ```
    pub fn failover(self, n: u32) -> Balance<S, P, Failover, C> {
        self.recover_by(Failover::new(n))
    }

    /// Retries requests as `retry` says; see [`Retry`].
    pub fn retry<R>(self, retry: Retry<R>) -> Balance<S, P, Retrying<R, F>, C> {
        let Self { pool, recover, completion } = self;
        Balance { pool, recover: Retrying::new(retry, recover), completion }
    }

    /// Sends a request to a second endpoint while the first one doesn't answer, as `hedge` says: see [`Hedge`]. `None`
    /// hedges nothing, and costs nothing.
    ///
    /// Retries and failover have to be set before.
    pub fn hedge<R>(self, hedge: impl Into<Option<Hedge<R>>>) -> Balance<S, P, Hedging<R, F>, C> {
        let Self { pool, recover, completion } = self;
        Balance { pool, recover: Hedging::new(hedge.into(), recover), completion }
    }

    /// Sets when a request ends and what its result says about the endpoint: see [`OnResponse`] and, with the
    /// feature `http`, `OnBodyEnd`.
    pub fn completion<D>(self, completion: D) -> Balance<S, P, F, D> {
        Balance { pool: self.pool, recover: self.recover, completion }
    }

    /// Counts a request as in flight until its response *body* ends. Feature `http`.
    #[cfg(feature = "http")]
    pub fn track_bodies(self) -> Balance<S, P, F, OnBodyEnd> {
        self.completion(OnBodyEnd::default())
    }

    pub(crate) fn recover_by<G>(self, recover: G) -> Balance<S, P, G, C> {
        Balance { pool: self.pool, recover, completion: self.completion }
    }

    /// The handle by which the endpoints are changed and watched.
    pub fn endpoints(&self) -> Endpoints<S>
    where
        P: Send + Sync + 'static,
    {
        Endpoints::new(Arc::clone(&self.pool) as _)
    }

    /// Picks an endpoint as for a request, whether it is ready or not, and sends it nothing. The policy counts this
    /// as a pick.
    pub fn pick<Req>(&self, request: &Req) -> Option<Arc<Endpoint<S>>>
    where
        P: Policy<Req>,
    {
        let set = self.pool.set();
        let set = set.in_use(&self.pool.shared().ward);
        let index = self.pool.policy().pick(request, set, &Passed::default())?;
        set.endpoints().get(index).cloned()
    }
}

impl<S, P, R, F, C> Balance<S, P, Retrying<R, F>, C> {
    /// How many retries the pool's [`Budget`](crate::Budget) allows at present. `None` if it makes no retries.
    pub fn retries_left(&self) -> Option<u64> {
        self.recover.left(self.pool.now())
    }
}

impl<S, P, H, R, F, C> Balance<S, P, Hedging<H, Retrying<R, F>>, C> {
    /// How many retries the pool's [`Budget`](crate::Budget) allows at present. `None` if it makes no retries.
    pub fn retries_left(&self) -> Option<u64> {
        self.recover.retries_left(self.pool.now())
    }
}

impl<S, P, H, F, C> Balance<S, P, Hedging<H, F>, C> {
    /// How many hedges their [`Budget`](crate::Budget) allows at present. `None` if nothing is hedged.
    pub fn hedges_left(&self) -> Option<u64> {
        self.recover.left(self.pool.now())
    }
}

impl<Req, S, P, F, C> Service<Req> for Balance<S, P, F, C>
where
    S: Service<Req, Error: Into<BoxError>> + Clone,
    P: Policy<Req>,
    F: Recover<Req, S::Response, S::Error>,
    C: Completion<Req, S::Response, S::Error, S>,
{
    type Response = C::Response;
    type Error = BoxError;
    type Future = ResponseFuture<Req, S, P, F, C>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Req) -> Self::Future {
        ResponseFuture::new(Arc::clone(&self.pool), &self.recover, self.completion.clone(), request)
    }
}

impl<S, P, F: Clone, C: Clone> Clone for Balance<S, P, F, C> {
    fn clone(&self) -> Self {
        Self {
            pool: Arc::clone(&self.pool),
            recover: self.recover.clone(),
            completion: self.completion.clone(),
        }
    }
}

impl<S, P, F: fmt::Debug, C> fmt::Debug for Balance<S, P, F, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Balance").field("set", &*self.pool.set()).field("recover", &self.recover).finish()
    }
}
