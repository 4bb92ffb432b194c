use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use pin_project_lite::pin_project;
use tokio::time::Sleep;
use tower_service::Service;

use crate::{
    clock::Moment,
    completion::Completion,
    endpoint::Endpoint,
    error::BoxError,
    in_flight::InFlight,
    outcome::Outcome,
    picked::Picked,
    policy::Policy,
    pool::Pool,
    recover::{Again, Attempts, Elsewhere, Next, Recover},
    search::{Found, Search},
};

pin_project! {
    /// The response future of [`Balance`](crate::Balance).
    ///
    /// When first polled it picks an endpoint. It waits until one is ready, sends the request, and goes on to
    /// another endpoint where failover or a retry allows that.
    pub struct ResponseFuture<Req, S, P, F, C>
    where
        S: Service<Req>,
        F: Recover<Req, S::Response, S::Error>,
    {
        pool: Arc<Pool<S, P>>,
        attempts: F::Attempts,
        completion: C,
        search: Search<S>,
        #[pin]
        state: State<Req, S, S::Future>,
        tries: u32,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<Req, S, Fut> {
        Choosing { request: Option<Req> },
        Calling { #[pin] response: Fut, call: Option<Call<S>> },
        Resting { rest: Pin<Box<Sleep>>, request: Option<Req> },
    }
}

/// The call that is under way.
struct Call<S> {
    in_flight: InFlight<S>,
    index: usize,
    version: u64,
    patience: Option<Pin<Box<Sleep>>>,
}

impl<S> Call<S> {
    /// Ready when this endpoint has taken longer to answer than one try may.
    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.patience {
            Some(patience) => patience.as_mut().poll(cx),
            None => Poll::Pending,
        }
    }
}

const HELD: &str = "the request is held until an endpoint is called with it";
const ONCE: &str = "a future is not polled again once it was ready";

impl<Req, S, P, F, C> ResponseFuture<Req, S, P, F, C>
where
    S: Service<Req>,
    F: Recover<Req, S::Response, S::Error>,
    C: Completion<Req, S::Response, S::Error, S>,
{
    pub(crate) fn new(pool: Arc<Pool<S, P>>, recover: &F, completion: C, request: Req) -> Self {
        let mut search = Search::new();
        if completion.asks_why(&request) {
            search.note_skips();
        }
        let attempts = recover.begin(|| pool.now());
        let state = State::Choosing { request: Some(request) };
        Self { pool, attempts, completion, search, state, tries: 0 }
    }
}

impl<Req, S, P, F, C> Future for ResponseFuture<Req, S, P, F, C>
where
    S: Service<Req, Error: Into<BoxError>> + Clone,
    P: Policy<Req>,
    F: Recover<Req, S::Response, S::Error>,
    C: Completion<Req, S::Response, S::Error, S>,
{
    type Output = Result<C::Response, BoxError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            let mut this = self.as_mut().project();
            let next = match this.state.as_mut().project() {
                StateProj::Choosing { request } => {
                    let held = request.as_ref().expect(HELD);
                    let judge = |error: &S::Error| this.completion.judge(Err(error));
                    let found = ready!(this.search.poll(cx, this.pool, held, judge))?;
                    this.attempts.sending(held);
                    *this.tries += 1;
                    let patience = this.attempts.patience().map(sleep);
                    let Found { mut service, mut in_flight, index, version } = found;
                    if this.pool.policy().failure_penalty().is_some() {
                        in_flight.time();
                    }
                    let response = service.call(request.take().expect(HELD));
                    State::Calling { response, call: Some(Call { in_flight, index, version, patience }) }
                }
                StateProj::Calling { response, call } => match response.poll(cx) {
                    Poll::Ready(result) => {
                        let call = call.take().expect(ONCE);
                        match self.as_mut().conclude(result, call) {
                            Ok(done) => return Poll::Ready(done),
                            Err(again) => State::again(again),
                        }
                    }
                    Poll::Pending => {
                        ready!(call.as_mut().expect(ONCE).poll_patience(cx));
                        match self.as_mut().give_up_waiting() {
                            Some(again) => State::again(again),
                            None => return Poll::Pending,
                        }
                    }
                },
                StateProj::Resting { rest, request } => {
                    ready!(rest.as_mut().poll(cx));
                    State::Choosing { request: request.take() }
                }
            };
            self.as_mut().project().state.set(next);
        }
    }
}

fn sleep(time: Duration) -> Pin<Box<Sleep>> {
    Box::pin(tokio::time::sleep(time))
}

impl<Req, S, Fut> State<Req, S, Fut> {
    fn again(again: Again<Req>) -> Self {
        let request = Some(again.request);
        match again.after {
            None => Self::Choosing { request },
            Some(rest) => Self::Resting { rest: sleep(rest), request },
        }
    }
}

impl<Req, S, P, F, C> ResponseFuture<Req, S, P, F, C>
where
    S: Service<Req, Error: Into<BoxError>> + Clone,
    P: Policy<Req>,
    F: Recover<Req, S::Response, S::Error>,
    C: Completion<Req, S::Response, S::Error, S>,
{
    /// Reports the result to the endpoint. Returns the answer for the caller, or the request if it is sent again.
    #[allow(clippy::type_complexity)]
    fn conclude(
        self: Pin<&mut Self>,
        result: Result<S::Response, S::Error>,
        call: Call<S>,
    ) -> Result<Result<C::Response, BoxError>, Again<Req>> {
        let this = self.project();
        let outcome = this.completion.judge(result.as_ref());
        let Call { mut in_flight, index, version, .. } = call;
        in_flight.observe(outcome, this.pool.policy().failure_penalty());
        match outcome {
            Outcome::Success => in_flight.settle_trial(),
            other => in_flight.report(other),
        }
        let elsewhere = Others { than: in_flight.endpoint(), search: this.search, pool: this.pool };
        match this.attempts.after(result, &elsewhere) {
            Next::Again(again) => {
                this.pool.shared().resent.note(again.by());
                this.search.exclude(Arc::clone(in_flight.endpoint()), index);
                Err(again)
            }
            Next::Done(Err(error)) => Ok(Err(error.into())),
            Next::Done(Ok(response)) => {
                let picked = this.search.take_skips().map(|skipped| Picked {
                    index,
                    id: in_flight.endpoint().id(),
                    policy: this.pool.policy().name(),
                    version,
                    attempt: *this.tries,
                    skipped,
                });
                Ok(Ok(this.completion.complete(response, in_flight, picked)))
            }
        }
    }

    /// Gives up an endpoint that doesn't answer in time, if the request may be sent to another.
    fn give_up_waiting(self: Pin<&mut Self>) -> Option<Again<Req>> {
        let mut this = self.project();
        let StateProj::Calling { call, .. } = this.state.as_mut().project() else { return None };
        let waited = call.as_mut().expect(ONCE);
        waited.patience = None;
        let endpoint = Arc::clone(waited.in_flight.endpoint());
        let elsewhere = Others { than: &endpoint, search: this.search, pool: this.pool };
        let again = this.attempts.after_timeout(&elsewhere)?;
        let Call { mut in_flight, index, .. } = call.take().expect(ONCE);
        in_flight.observe(Outcome::Failure, this.pool.policy().failure_penalty());
        in_flight.report(Outcome::Failure);
        this.pool.shared().resent.note(again.by());
        this.search.exclude(endpoint, index);
        Some(again)
    }
}

/// All endpoints but one.
struct Others<'a, S, P> {
    than: &'a Arc<Endpoint<S>>,
    search: &'a Search<S>,
    pool: &'a Pool<S, P>,
}

impl<S, P> Elsewhere for Others<'_, S, P> {
    fn is_any(&self) -> bool {
        self.search.has_other_than(self.than, self.pool, |_| true)
    }

    fn has_room(&self) -> bool {
        self.search.has_other_than(self.than, self.pool, Endpoint::has_room)
    }

    fn now(&self) -> Moment {
        self.pool.now()
    }
}

impl<Req, S, P, F, C> fmt::Debug for ResponseFuture<Req, S, P, F, C>
where
    S: Service<Req>,
    F: Recover<Req, S::Response, S::Error>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Choosing { .. } => "choosing",
            State::Calling { .. } => "calling",
            State::Resting { .. } => "resting",
        };
        f.debug_struct("ResponseFuture").field("state", &state).finish_non_exhaustive()
    }
}
