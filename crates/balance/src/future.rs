mod call;
mod concluded;
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
    call::{Beside, Call, ONCE},
    state::{State, StateProj, Step},
};
use crate::{
    completion::Completion,
    error::BoxError,
    policy::Policy,
    pool::Pool,
    recover::{Attempts, Recover},
    search::Search,
};

pin_project! {
    /// The response future of [`Balance`](crate::Balance).
    ///
    /// When first polled it picks an endpoint. It waits until one is ready, sends the request, and goes on to
    /// another endpoint where failover or a retry allows that.
    #[must_use = "futures do nothing unless polled"]
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
                    this.state.set(State::Calling { response, call: Some(call), beside });
                    Step::Stay
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

impl<Req, S, P, F, C> fmt::Debug for ResponseFuture<Req, S, P, F, C>
where
    S: Service<Req>,
    F: Recover<Req, S::Response, S::Error>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").field("state", &self.state.name()).finish_non_exhaustive()
    }
}
