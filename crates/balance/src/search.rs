//! The search for an endpoint: it asks them, waits if none takes the request, and asks again.

mod asking;
mod candidate;
mod skips;
mod standard;
mod state;

use std::{
    sync::Arc,
    task::{Context, Poll, ready},
};

use tower_service::Service;

pub(crate) use self::{candidate::Found, state::Search};
use crate::{
    error::{BoxError, NoEndpoints},
    limit::Overloaded,
    outcome::Outcome,
    policy::Policy,
    pool::Pool,
    queue::{Patience, Waiting},
};

impl<S> Search<S> {
    /// Finds an endpoint for `request`: the policy chooses among those that take it now. Waits only if none does.
    pub(crate) fn poll<Req, P>(
        &mut self,
        cx: &mut Context<'_>,
        pool: &Pool<S, P>,
        request: &Req,
        judge: impl Fn(&S::Error) -> Outcome,
    ) -> Poll<Result<Found<S>, BoxError>>
    where
        S: Service<Req, Error: Into<BoxError>> + Clone,
        P: Policy<Req>,
    {
        let found = ready!(self.poll_found(cx, pool, request, &judge));
        self.stop_waiting();
        Poll::Ready(found)
    }

    fn poll_found<Req, P>(
        &mut self,
        cx: &mut Context<'_>,
        pool: &Pool<S, P>,
        request: &Req,
        judge: &impl Fn(&S::Error) -> Outcome,
    ) -> Poll<Result<Found<S>, BoxError>>
    where
        S: Service<Req, Error: Into<BoxError>> + Clone,
        P: Policy<Req>,
    {
        if let Some(found) = self.poll_waiting(cx, pool, judge) {
            return Poll::Ready(Ok(found));
        }
        loop {
            let set = pool.set();
            if self.searched.replace(set.generation()) != Some(set.generation())
                && let Some(found) =
                    self.search(cx, set.in_use(&pool.shared().ward), pool.policy(), request, judge)
            {
                if let Some(queued) = self.queued.take() {
                    queued.leave_served();
                }
                return Poll::Ready(Ok(found));
            }
            drop(set);
            if self.waiting.is_empty() && !self.met_full {
                if self.searched != Some(pool.set().generation()) {
                    // All endpoints that were asked may have left because there is a new set meanwhile.
                    continue;
                }
                return Poll::Ready(Err(self.error.take().unwrap_or_else(|| NoEndpoints.into())));
            }
            ready!(self.poll_news(cx, pool))?;
        }
    }

    /// Ready when the endpoints should be asked again. That is so when a wait has just begun, too, so that a change
    /// between asking and waiting isn't missed.
    fn poll_news<P>(&mut self, cx: &mut Context<'_>, pool: &Pool<S, P>) -> Poll<Result<(), Overloaded>> {
        let is_new = self.begin_to_wait(pool)?;
        if is_new || self.searched.is_none() || self.poll_changed(cx, pool).is_ready() {
            self.searched = None;
            return Poll::Ready(Ok(()));
        }
        let Some(queued) = &mut self.queued else { return Poll::Pending };
        ready!(queued.poll_freed(cx, &mut self.patience))?;
        self.searched = None;
        Poll::Ready(Ok(()))
    }

    /// Begins to wait for a change and, if an endpoint was full, in the queue. Returns whether a wait has begun.
    fn begin_to_wait<P>(&mut self, pool: &Pool<S, P>) -> Result<bool, Overloaded> {
        let is_news = self.changed.is_none();
        if is_news {
            self.changed = Some(Box::pin(pool.changed()));
        }
        if !self.met_full {
            self.queued = None;
            return Ok(is_news);
        }
        if self.queued.is_some() {
            return Ok(is_news);
        }
        let queued = self.queued.insert(Waiting::enter(Arc::clone(pool.shared()), &mut self.patience)?);
        if !self.failed.is_empty() {
            queued.step_aside();
        }
        Ok(true)
    }

    /// Ready after a change. It then already waits for the next one.
    fn poll_changed<P>(&mut self, cx: &mut Context<'_>, pool: &Pool<S, P>) -> Poll<()> {
        let Some(changed) = &mut self.changed else { return Poll::Pending };
        ready!(changed.as_mut().poll(cx));
        changed.set(pool.changed());
        Poll::Ready(())
    }

    /// Gives up all places held: in the pool's queue, and with services that were not ready.
    pub(crate) fn stop_waiting(&mut self) {
        self.waiting.clear();
        self.changed = None;
        self.queued = None;
        self.patience = Patience::default();
    }
}
