mod call;
mod hedged;
mod state;

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use pin_project_lite::pin_project;
use tower_service::Service;

use self::{
    call::{Beside, Call, ONCE, Second},
    state::{State, StateProj, Step, StepOf},
};
use crate::{
    clock::Moment,
    completion::Completion,
    endpoint::Endpoint,
    error::{BoxError, NoEndpoints},
    in_flight::InFlight,
    outcome::Outcome,
    picked::{Picked, Why},
    policy::Policy,
    pool::Pool,
    recover::{Attempts, Elsewhere, Next, Recover},
    search::Search,
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
    }
}

const HELD: &str = "the request is held until an endpoint is called with it";

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
        if attempts.gives_back() {
            search.spare_ejected();
        }
        let state = State::Choosing { request: Some(request) };
        Self { pool, attempts, completion, search, state }
    }

    /// The request, if it was not sent and the future is ready with an error.
    pub(crate) fn take_unsent(self: Pin<&mut Self>) -> Option<Req> {
        let this = self.project();
        match this.state.project() {
            StateProj::Choosing { request } if this.attempts.gives_back() => request.take(),
            _ => None,
        }
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
            let step = match this.state.as_mut().project() {
                StateProj::Choosing { request } => {
                    let held = request.as_ref().expect(HELD);
                    let judge = |error: &S::Error| this.completion.judge(Err(error));
                    let found = ready!(this.search.poll(cx, this.pool, held, judge))?;
                    this.attempts.sending(held);
                    this.search.tries += 1;
                    let (mut service, mut call) = Call::of(found, this.attempts.patience());
                    let beside = this.attempts.hedge_after(|| this.pool.now()).map(Beside::begin);
                    if this.pool.policy().failure_penalty().is_some() {
                        call.in_flight.time();
                    }
                    let response = service.call(request.take().expect(HELD));
                    Step::To(State::Calling { response, call: Some(call), beside })
                }
                StateProj::Calling { response, call, beside } => match response.poll(cx) {
                    Poll::Ready(result) => {
                        let call = call.take().expect(ONCE);
                        let second = beside.take().filter(Beside::is_calling);
                        self.as_mut().conclude(result, call, second)
                    }
                    Poll::Pending => ready!(self.as_mut().poll_beside(cx)),
                },
                StateProj::OnlySecond { .. } => ready!(self.as_mut().poll_second(cx)),
                StateProj::Resting { rest, request } => {
                    ready!(rest.as_mut().poll(cx));
                    Step::To(State::Choosing { request: request.take() })
                }
            };
            match step {
                Step::Done(result) => return Poll::Ready(result),
                Step::To(state) => self.as_mut().project().state.set(state),
                Step::Stay => {}
            }
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
    /// Reports the result to the endpoint. It is the answer for the caller, unless the request is sent again or a call of
    /// a `second` endpoint is waited for.
    fn conclude(
        self: Pin<&mut Self>,
        result: Result<S::Response, S::Error>,
        call: Call<S>,
        second: Option<Second<S, S::Future>>,
    ) -> StepOf<Req, S, C> {
        let mut this = self.project();
        let Call { mut in_flight, index, version, .. } = call;
        let outcome = this.completion.judge(result.as_ref());
        tell(&mut in_flight, outcome, this.pool);
        this.attempts.judged(outcome);
        if let Some(second) = second.filter(|_| !this.attempts.is_answer(result.as_ref())) {
            this.attempts.set_aside(result);
            return Step::To(State::OnlySecond { second });
        }
        let elsewhere = Others { than: in_flight.endpoint(), search: this.search, pool: this.pool };
        match this.attempts.after(result, &elsewhere) {
            Next::Again(again) | Next::Retried(again, _) => {
                this.pool.shared().resent.note(again.by());
                this.search.exclude(Arc::clone(in_flight.endpoint()), index, Why::Failed);
                Step::To(State::again(again))
            }
            Next::GivenBack(request) => {
                this.state.set(State::Choosing { request: Some(request) });
                Step::Done(Err(NoEndpoints.into()))
            }
            Next::Done(Err(error)) => Step::Done(Err(error.into())),
            Next::Done(Ok(response)) => {
                let picked = this.search.take_skips().map(|skipped| Picked {
                    index,
                    id: in_flight.endpoint().id(),
                    policy: this.pool.policy().name(),
                    version,
                    attempt: this.search.tries,
                    skipped,
                });
                Step::Done(Ok(this.completion.complete(response, in_flight, picked)))
            }
        }
    }

    /// Gives up an endpoint that doesn't answer in time, if another has the request or may get it.
    fn give_up_waiting(self: Pin<&mut Self>) -> StepOf<Req, S, C> {
        let mut this = self.project();
        let mut none = None;
        let (call, beside) = match this.state.as_mut().project() {
            StateProj::Calling { call, beside, .. } => (call.as_mut(), beside),
            StateProj::OnlySecond { second } => (second.as_mut().call(), &mut none),
            StateProj::Choosing { .. } | StateProj::Resting { .. } => (None, &mut none),
        };
        let call = call.expect(ONCE);
        call.patience = None;
        let next = match beside.take_if(|beside| Beside::is_calling(beside)) {
            Some(second) => State::OnlySecond { second },
            None => {
                let elsewhere =
                    Others { than: call.in_flight.endpoint(), search: this.search, pool: this.pool };
                let Some(again) = this.attempts.after_timeout(&elsewhere) else { return Step::Stay };
                this.pool.shared().resent.note(again.by());
                State::again(again)
            }
        };
        tell(&mut call.in_flight, Outcome::Failure, this.pool);
        this.search.exclude(Arc::clone(call.in_flight.endpoint()), call.index, Why::Failed);
        Step::To(next)
    }
}

/// Tells an endpoint what came of its call.
fn tell<Req, S, P: Policy<Req>>(in_flight: &mut InFlight<S>, outcome: Outcome, pool: &Pool<S, P>) {
    in_flight.observe(outcome, pool.policy().failure_penalty());
    match outcome {
        Outcome::Success => in_flight.settle_trial(),
        other => in_flight.report(other),
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
        f.debug_struct("ResponseFuture").field("state", &self.state.name()).finish_non_exhaustive()
    }
}
