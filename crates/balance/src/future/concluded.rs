//! What comes of a call: an answer for the caller, another call, or an error.

use std::{ops::ControlFlow, pin::Pin, sync::Arc};

use tower_service::Service;

use super::{
    ResponseFuture,
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

impl<Req, S, P, F, C> ResponseFuture<Req, S, P, F, C>
where
    S: Service<Req, Error: Into<BoxError>> + Clone,
    P: Policy<Req>,
    F: Recover<Req, S::Response, S::Error>,
    C: Completion<Req, S::Response, S::Error, S>,
{
    /// Reports the result to the endpoint. It is the answer for the caller, unless the request is sent again or a call of
    /// a `second` endpoint is waited for.
    pub(super) fn conclude(
        mut self: Pin<&mut Self>,
        result: ResultOf<Req, S>,
        call: Call<S>,
        second: Option<Second<S, S::Future>>,
    ) -> StepOf<Req, S, C> {
        let this = self.as_mut().project();
        let Call { mut in_flight, index, version, .. } = call;
        let outcome = this.completion.judge(result.as_ref());
        tell(&mut in_flight, outcome, this.pool);
        this.attempts.judged(outcome);
        if let Some(second) = second.filter(|_| !this.attempts.is_answer(result.as_ref())) {
            this.attempts.set_aside(result);
            return Step::To(State::OnlySecond { second });
        }
        this.attempts.answered(result.as_ref(), || this.pool.now());
        let result = if this.attempts.is_final(result.as_ref()) {
            result
        } else {
            match self.as_mut().go_on(result, in_flight.endpoint(), index) {
                ControlFlow::Continue(result) => result,
                ControlFlow::Break(step) => return step,
            }
        };
        let response = match result {
            Ok(response) => response,
            Err(error) => return Step::Done(Err(error.into())),
        };
        let this = self.project();
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

    /// Sends the request again after `result`, or gives it back. Otherwise the result is for the caller.
    fn go_on(
        self: Pin<&mut Self>,
        result: ResultOf<Req, S>,
        endpoint: &Arc<Endpoint<S>>,
        index: usize,
    ) -> ControlFlow<StepOf<Req, S, C>, ResultOf<Req, S>> {
        let mut this = self.project();
        let elsewhere = Others { than: endpoint, search: this.search, pool: this.pool };
        ControlFlow::Break(match this.attempts.after(result, &elsewhere) {
            Next::Again(again) | Next::Retried(again, _) => {
                this.pool.shared().resent.note(again.by());
                this.search.exclude(Arc::clone(endpoint), index, Why::Failed);
                Step::To(State::again(again))
            }
            Next::GivenBack(request) => {
                this.state.set(State::Choosing { request: Some(request) });
                Step::Done(Err(NoEndpoints.into()))
            }
            Next::Done(result) => return ControlFlow::Continue(result),
        })
    }

    /// Gives up an endpoint that doesn't answer in time, if another has the request or may get it.
    pub(super) fn give_up_waiting(self: Pin<&mut Self>) -> StepOf<Req, S, C> {
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

/// What a service makes of a request.
type ResultOf<Req, S> = Result<<S as Service<Req>>::Response, <S as Service<Req>>::Error>;

/// Tells an endpoint what came of its call.
pub(super) fn tell<Req, S, P: Policy<Req>>(in_flight: &mut InFlight<S>, outcome: Outcome, pool: &Pool<S, P>) {
    in_flight.observe(outcome, pool.policy().failure_penalty());
    match outcome {
        Outcome::Success => in_flight.settle_trial(),
        other => in_flight.report(other),
    }
}

/// All endpoints but one.
pub(super) struct Others<'a, S, P> {
    pub(super) than: &'a Arc<Endpoint<S>>,
    pub(super) search: &'a Search<S>,
    pub(super) pool: &'a Pool<S, P>,
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
