mod skips;
mod standard;

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::sync::futures::OwnedNotified;
use tower_service::Service;

use self::{skips::Skips, standard::Standard};
use crate::{
    endpoint::{Endpoint, Refused},
    error::{BoxError, NoEndpoints},
    health::Sent,
    in_flight::InFlight,
    limit::Overloaded,
    outcome::Outcome,
    passed::Passed,
    picked::{Skipped, Why},
    policy::Policy,
    pool::Pool,
    queue::Waiting,
    set::Set,
};

/// The most endpoints one request waits for at a time. It asks every endpoint, but where none is ready it keeps only
/// this many clones (and their wakers), so that a request costs no more for there being thousands.
const MAX_WAITING: usize = 32;

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
    /// The set that has been asked through, by its generation.
    searched: Option<u64>,
    changed: Option<Pin<Box<OwnedNotified>>>,
    skips: Skips,
}

/// An endpoint that may be called, with the very clone that said it is ready.
pub(crate) struct Found<S> {
    pub(crate) service: S,
    pub(crate) in_flight: InFlight<S>,
    pub(crate) index: usize,
    pub(crate) version: u64,
}

struct Candidate<S> {
    endpoint: Arc<Endpoint<S>>,
    service: S,
    index: usize,
    version: u64,
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
        if let Some(found) = self.poll_waiting(cx, judge) {
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
        ready!(queued.poll_freed(cx))?;
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
        let queued = self.queued.insert(Waiting::enter(Arc::clone(pool.shared()))?);
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

    /// Asks those that were not ready before.
    fn poll_waiting<Req>(
        &mut self,
        cx: &mut Context<'_>,
        judge: &impl Fn(&S::Error) -> Outcome,
    ) -> Option<Found<S>>
    where
        S: Service<Req, Error: Into<BoxError>> + Clone,
    {
        if self.waiting.is_empty() {
            return None;
        }
        let Self { waiting, skips, .. } = self;
        skips.keep_only(|id| waiting.iter().all(|candidate| candidate.endpoint.id() != id));
        let standard = self.standard.while_waiting();
        let found = std::mem::take(&mut self.waiting)
            .into_iter()
            .filter(|candidate| candidate.endpoint.is_serving())
            .find_map(|candidate| {
                let sent = standard.admits(&candidate.endpoint).ok()?;
                self.ask(cx, candidate, sent, judge)
            });
        if self.waiting.is_empty() {
            // Nobody is left to wake us, but there may be some that were asked and not kept.
            self.searched = None;
        }
        found
    }

    /// Asks the endpoints of `set` by one standard after the other, until one takes the request or is worth waiting for.
    fn search<Req, P>(
        &mut self,
        cx: &mut Context<'_>,
        set: &Set<S>,
        policy: &P,
        request: &Req,
        judge: &impl Fn(&S::Error) -> Outcome,
    ) -> Option<Found<S>>
    where
        S: Service<Req, Error: Into<BoxError>> + Clone,
        P: Policy<Req>,
    {
        self.forget_before_a_look();
        for standard in Standard::FROM_THE_BEST {
            let is_worth_waiting = !self.waiting.is_empty() || self.met_full;
            if standard == Standard::AnyAtAll && is_worth_waiting {
                return None;
            }
            (self.standard, self.left_out) = (standard, false);
            let found = self.look(cx, set, policy, request, judge);
            if found.is_some() || !self.left_out {
                return found;
            }
        }
        None
    }

    fn forget_before_a_look(&mut self) {
        self.met_full = false;
        // One that is closed stays so.
        self.failed.retain(|failed| !failed.is_closed());
        let Self { failed, waiting, skips, .. } = self;
        skips.keep_only(|id| {
            let waiting = waiting.iter().map(|waiting| &waiting.endpoint);
            failed.iter().chain(waiting).any(|endpoint| endpoint.id() == id)
        });
    }

    /// Asks every endpoint of `set` that was not asked yet and is up to the standard, in the policy's order.
    fn look<Req, P>(
        &mut self,
        cx: &mut Context<'_>,
        set: &Set<S>,
        policy: &P,
        request: &Req,
        judge: &impl Fn(&S::Error) -> Outcome,
    ) -> Option<Found<S>>
    where
        S: Service<Req, Error: Into<BoxError>> + Clone,
        P: Policy<Req>,
    {
        let mut passed = self.already_asked(set);
        while passed.len() < set.endpoints().len() {
            let index = policy.pick(request, set, &passed)?;
            let endpoint = set.endpoints().get(index)?;
            match self.standard.admits(endpoint) {
                Ok(sent) => {
                    let candidate = Candidate::of(endpoint, index, set.generation());
                    if let Some(found) = self.ask(cx, candidate, sent, judge) {
                        return Some(found);
                    }
                }
                Err(why) => {
                    self.left_out = true;
                    self.skips.note(endpoint, index, why);
                }
            }
            if !passed.insert(index) {
                // A policy that repeats itself has no other to offer.
                return None;
            }
        }
        None
    }

    fn ask<Req>(
        &mut self,
        cx: &mut Context<'_>,
        mut candidate: Candidate<S>,
        sent: Sent,
        judge: &impl Fn(&S::Error) -> Outcome,
    ) -> Option<Found<S>>
    where
        S: Service<Req, Error: Into<BoxError>>,
    {
        match candidate.service.poll_ready(cx) {
            Poll::Ready(Ok(())) => return self.admit(candidate, sent),
            Poll::Ready(Err(error)) => {
                candidate.endpoint.report_not_sent(judge(&error), sent);
                self.error = Some(error.into());
                self.exclude(candidate.endpoint, candidate.index);
            }
            Poll::Pending => {
                self.skips.note(&candidate.endpoint, candidate.index, Why::NotReady);
                if self.waiting.len() < MAX_WAITING {
                    self.waiting.push(candidate);
                }
            }
        }
        None
    }

    fn admit(&mut self, candidate: Candidate<S>, sent: Sent) -> Option<Found<S>> {
        let Candidate { endpoint, service, index, version } = candidate;
        let why = match endpoint.admit(sent) {
            Ok(in_flight) => return Some(Found { service, in_flight, index, version }),
            Err(Refused::Closed) => Why::Leaving,
            Err(Refused::OnTrial) => {
                self.left_out = true;
                Why::Ejected
            }
            Err(Refused::Full) => {
                self.met_full = true;
                Why::Full
            }
        };
        self.skips.note(&endpoint, index, why);
        None
    }

    fn already_asked(&self, set: &Set<S>) -> Passed {
        let mut passed = Passed::default();
        if self.failed.is_empty() && self.waiting.is_empty() {
            return passed;
        }
        for (index, endpoint) in set.endpoints().iter().enumerate() {
            if self.has_failed(endpoint) || self.is_waiting_for(endpoint) {
                passed.insert(index);
            }
        }
        passed
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
    }
}

impl<S: Clone> Candidate<S> {
    fn of(endpoint: &Arc<Endpoint<S>>, index: usize, version: u64) -> Self {
        Self { endpoint: Arc::clone(endpoint), service: endpoint.service().clone(), index, version }
    }
}
