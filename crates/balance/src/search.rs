mod asking;
mod skips;
mod standard;

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tower_service::Service;

use self::{asking::Candidate, skips::Skips, standard::Standard};
use crate::{
    endpoint::Endpoint,
    error::{BoxError, NoEndpoints},
    in_flight::InFlight,
    limit::Overloaded,
    outcome::Outcome,
    picked::{Skipped, Why},
    policy::Policy,
    pool::Pool,
    queue::{Patience, Waiting},
    sync::Notified,
};

/// One request's search for an endpoint that is well, has room and is ready.
///
/// Empty, and without an allocation, for as long as the first pick is all that.
pub(crate) struct Search<S> {
    /// Endpoints that this request must not be sent to (again).
    failed: Vec<Arc<Endpoint<S>>>,
    /// The last error of an endpoint that was asked for readiness.
    error: Option<BoxError>,
    /// Clones that were not ready and hold our waker.
    waiting: Vec<Candidate<S>>,
    /// What the last look made do with.
    standard: Standard,
    /// Whether anybody was left out by it who would do by a lower one.
    left_out: bool,
    /// Whether an endpoint would have taken the request but for its limit.
    met_full: bool,
    /// The place in the queue for endpoints that are full.
    queued: Option<Waiting>,
    patience: Patience,
    /// The set that has been asked through, by its generation.
    searched: Option<u64>,
    changed: Option<Pin<Box<Notified>>>,
    skips: Skips,
}

/// An endpoint that may be called, with the very clone that said it is ready.
pub(crate) struct Found<S> {
    pub(crate) service: S,
    pub(crate) in_flight: InFlight<S>,
    pub(crate) index: usize,
    pub(crate) version: u64,
}

impl<S> Search<S> {
    pub(crate) fn new() -> Self {
        Self {
            failed: Vec::new(),
            error: None,
            waiting: Vec::new(),
            standard: Standard::Well,
            left_out: false,
            met_full: false,
            queued: None,
            patience: Patience::default(),
            searched: None,
            changed: None,
            skips: Skips::default(),
        }
    }

    /// Remembers who is skipped from here on.
    pub(crate) fn note_skips(&mut self) {
        self.skips.begin();
    }

    /// Who was skipped so far, if that was to be remembered.
    pub(crate) fn take_skips(&mut self) -> Option<Vec<Skipped>> {
        self.skips.take()
    }

    /// An endpoint for `request`, chosen by the pool's policy among those that take it now; waits only if none does.
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
                && let Some(found) = self.search(cx, &set, pool.policy(), request, judge)
            {
                if let Some(queued) = self.queued.take() {
                    queued.leave_served();
                }
                return Poll::Ready(Ok(found));
            }
            drop(set);
            if self.waiting.is_empty() && !self.met_full {
                if self.searched != Some(pool.set().generation()) {
                    // All that were asked may have left because another set took their place meanwhile.
                    continue;
                }
                return Poll::Ready(Err(self.error.take().unwrap_or_else(|| NoEndpoints.into())));
            }
            ready!(self.poll_news(cx, pool))?;
        }
    }

    /// Ready when another look is worth it: also when a wait begins, so that nothing falls between look and wait.
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

    /// Waits for a change, and in the queue for as long as there is a place to wait for; says if either has begun.
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

    /// Ready after a change; the wait for the next one has then begun.
    fn poll_changed<P>(&mut self, cx: &mut Context<'_>, pool: &Pool<S, P>) -> Poll<()> {
        let Some(changed) = &mut self.changed else { return Poll::Pending };
        ready!(changed.as_mut().poll(cx));
        changed.set(pool.changed());
        Poll::Ready(())
    }

    /// Whether there is a `fit` endpoint besides `endpoint` that this request has not been sent to.
    pub(crate) fn has_other_than<P: ?Sized>(
        &self,
        endpoint: &Arc<Endpoint<S>>,
        pool: &Pool<S, P>,
        fit: impl Fn(&Endpoint<S>) -> bool,
    ) -> bool {
        let is_other =
            |other: &Arc<Endpoint<S>>| !Arc::ptr_eq(other, endpoint) && fit(other) && !self.has_failed(other);
        pool.set().endpoints().iter().any(is_other)
    }

    /// Leaves `endpoint` out from here on, and starts over.
    pub(crate) fn exclude(&mut self, endpoint: Arc<Endpoint<S>>, index: usize) {
        self.skips.note(&endpoint, index, Why::Failed);
        self.failed.push(endpoint);
        self.searched = None;
        if let Some(queued) = &mut self.queued {
            queued.step_aside();
        }
    }

    fn has_failed(&self, endpoint: &Arc<Endpoint<S>>) -> bool {
        self.failed.iter().any(|failed| Arc::ptr_eq(failed, endpoint))
    }

    fn is_waiting_for(&self, endpoint: &Arc<Endpoint<S>>) -> bool {
        self.waiting.iter().any(|waiting| Arc::ptr_eq(&waiting.endpoint, endpoint))
    }

    /// Gives up the places held in the queues of those that were not ready.
    fn stop_waiting(&mut self) {
        self.waiting.clear();
        self.changed = None;
        self.queued = None;
        self.patience = Patience::default();
    }
}
