//! Beside the call of its first endpoint, a request may be sent to a second one.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tower_service::Service;

use super::{
    ResponseFuture,
    call::{Beside, Call, Event, ONCE},
    concluded::{Others, tell},
    state::{State, StateProj, Step, StepOf},
};
use crate::{
    completion::Completion,
    error::BoxError,
    picked::Why,
    policy::Policy,
    recover::{Attempts, Recover},
    resent::By,
};

impl<Req, S, P, F, C> ResponseFuture<Req, S, P, F, C>
where
    S: Service<Req, Error: Into<BoxError>> + Clone,
    P: Policy<Req>,
    F: Recover<Req, S::Response, S::Error>,
    C: Completion<Req, S::Response, S::Error, S>,
{
    /// Attends to what goes on beside the first call, while that has no answer.
    pub(super) fn poll_beside(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<StepOf<Req, S, C>> {
        let StateProj::Calling { call, beside, .. } = self.as_mut().project().state.project() else {
            return Poll::Pending;
        };
        if call.as_mut().expect(ONCE).poll_patience(cx).is_ready() {
            return Poll::Ready(self.give_up_waiting());
        }
        let Some(beside) = beside else { return Poll::Pending };
        Poll::Ready(match ready!(beside.as_mut().poll(cx)) {
            Event::Due => {
                self.hedge(cx);
                Step::Stay
            }
            Event::Result(result, call) => self.conclude_second(result, call),
        })
    }

    /// Waits for the second endpoint, after the first one has failed.
    pub(super) fn poll_second(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<StepOf<Req, S, C>> {
        let StateProj::OnlySecond { second } = self.as_mut().project().state.project() else {
            return Poll::Pending;
        };
        if let Poll::Ready(Event::Result(result, call)) = second.as_mut().poll(cx) {
            return Poll::Ready(self.conclude(result, call, None));
        }
        ready!(second.as_mut().call().expect(ONCE).poll_patience(cx));
        Poll::Ready(self.give_up_waiting())
    }

    /// Sends the request to a second endpoint, if that may be and one takes it at once.
    fn hedge(self: Pin<&mut Self>, cx: &mut Context<'_>) {
        let this = self.project();
        let StateProj::Calling { call: Some(first), beside: slot, .. } = this.state.project() else { return };
        let Some(mut beside) = slot.take() else { return };
        let elsewhere = Others { than: first.in_flight.endpoint(), search: this.search, pool: this.pool };
        let Some(request) = this.attempts.hedge(&elsewhere) else { return };
        this.search.exclude(Arc::clone(first.in_flight.endpoint()), first.index, Why::Slow);
        let judge = |error: &S::Error| this.completion.judge(Err(error));
        let Poll::Ready(Ok(found)) = this.search.poll(cx, this.pool, &request, judge) else {
            this.search.stop_waiting();
            this.attempts.hedge_in_vain(&Others {
                than: first.in_flight.endpoint(),
                search: this.search,
                pool: this.pool,
            });
            return;
        };
        let (mut service, mut call) = Call::of(found, this.attempts.patience());
        if this.pool.policy().failure_penalty().is_some() {
            call.in_flight.time();
        }
        this.search.tries += 1;
        this.pool.shared().resent.note(By::Hedge);
        beside.set(Beside::Calling { response: service.call(request), call: Some(call) });
        *slot = Some(beside);
    }

    /// Takes the second endpoint's answer and drops the first call, or drops a second call that has failed.
    fn conclude_second(
        mut self: Pin<&mut Self>,
        result: Result<S::Response, S::Error>,
        mut call: Call<S>,
    ) -> StepOf<Req, S, C> {
        let mut this = self.as_mut().project();
        if this.attempts.is_answer(result.as_ref()) {
            this.pool.shared().resent.note_won();
            this.state.set(State::Choosing { request: None });
            return self.conclude(result, call, None);
        }
        let outcome = this.completion.judge(result.as_ref());
        tell(&mut call.in_flight, outcome, this.pool);
        this.attempts.judged(outcome);
        this.attempts.set_aside(result);
        this.search.exclude(Arc::clone(call.in_flight.endpoint()), call.index, Why::Failed);
        if let StateProj::Calling { beside, .. } = this.state.project() {
            *beside = None;
        }
        Step::Stay
    }
}
