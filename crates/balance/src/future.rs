use std::{
    fmt,
    marker::PhantomData,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use pin_project_lite::pin_project;
use tower_service::Service;

use crate::{
    completion::Completion,
    endpoint::InFlight,
    error::BoxError,
    failover::Recover,
    policy::Policy,
    pool::Pool,
    search::{Found, Search},
};

pin_project! {
    /// Picks an endpoint when first polled, waits until one is ready, sends it the request, and goes on to another
    /// where that is allowed.
    pub struct ResponseFuture<Req, S, P, F, C>
    where
        S: Service<Req>,
    {
        pool: Arc<Pool<S, P>>,
        failover: F,
        search: Search<S>,
        #[pin]
        state: State<Req, S, S::Future>,
        completion: PhantomData<fn() -> C>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<Req, S, Fut> {
        Choosing { request: Option<Req> },
        Calling { #[pin] response: Fut, in_flight: Option<InFlight<S>> },
    }
}

const HELD: &str = "the request is held until an endpoint is called with it";
const ONCE: &str = "a future is not polled again once it was ready";

impl<Req, S: Service<Req>, P, F, C> ResponseFuture<Req, S, P, F, C> {
    pub(crate) fn new(pool: Arc<Pool<S, P>>, failover: F, request: Req) -> Self {
        let state = State::Choosing { request: Some(request) };
        Self { pool, failover, search: Search::new(), state, completion: PhantomData }
    }
}

impl<Req, S, P, F, C> Future for ResponseFuture<Req, S, P, F, C>
where
    S: Service<Req, Error: Into<BoxError>> + Clone,
    P: Policy<Req>,
    F: Recover<Req, S::Error>,
    C: Completion<S::Response, S>,
{
    type Output = Result<C::Response, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let next = match this.state.as_mut().project() {
                StateProj::Choosing { request } => {
                    let held = request.as_ref().expect(HELD);
                    let Found { mut service, in_flight } = ready!(this.search.poll(cx, this.pool, held))?;
                    let response = service.call(request.take().expect(HELD));
                    State::Calling { response, in_flight: Some(in_flight) }
                }
                StateProj::Calling { response, in_flight } => {
                    let result = ready!(response.poll(cx));
                    let in_flight = in_flight.take().expect(ONCE);
                    let error = match result {
                        Ok(response) => return Poll::Ready(Ok(C::track(response, in_flight))),
                        Err(error) => error,
                    };
                    let endpoint = Arc::clone(in_flight.endpoint());
                    drop(in_flight);
                    endpoint.count_failure();
                    let others = || this.search.exclude(endpoint, this.pool);
                    let request = this.failover.recover(error, others).map_err(Into::into)?;
                    State::Choosing { request: Some(request) }
                }
            };
            this.state.set(next);
        }
    }
}

impl<Req, S: Service<Req>, P, F, C> fmt::Debug for ResponseFuture<Req, S, P, F, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Choosing { .. } => "choosing",
            State::Calling { .. } => "calling",
        };
        f.debug_struct("ResponseFuture").field("state", &state).finish_non_exhaustive()
    }
}
