use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::sync::futures::OwnedNotified;
use tower_service::Service;

use crate::{
    endpoint::{Endpoint, Refused},
    error::{BoxError, NoEndpoints},
    health::{Admission, Sent},
    in_flight::InFlight,
    limit::{Overloaded, Waiting},
    outcome::Outcome,
    passed::Passed,
    picked::{Skipped, Why},
    policy::Policy,
    pool::Pool,
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
    /// Whether an endpoint would have taken the request but for its limit.
    met_full: bool,
    /// The place in the queue for endpoints that are full.
    queued: Option<Waiting>,
    /// The set that has been asked through, by its generation.
    searched: Option<u64>,
    changed: Option<Pin<Box<OwnedNotified>>>,
    /// Who was skipped and why, if anybody wants to know.
    skipped: Option<Vec<Skipped>>,
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

/// What endpoints are made do with: first only those that are well; should nobody be left then also those whose slow
/// start would have spared them; and ejected ones rather than none.
#[derive(Clone, Copy, PartialEq)]
enum Standard {
    Well,
    SlowStart,
    AnyAtAll,
}

impl<S> Search<S> {
    pub(crate) fn new() -> Self {
        Self {
            failed: Vec::new(),
            error: None,
            waiting: Vec::new(),
            met_full: false,
            queued: None,
            searched: None,
            changed: None,
            skipped: None,
        }
    }

    /// Remembers who is skipped from here on.
    pub(crate) fn note_skips(&mut self) {
        self.skipped = Some(Vec::new());
    }

    /// Who was skipped so far, if that was to be remembered.
    pub(crate) fn take_skips(&mut self) -> Option<Vec<Skipped>> {
        self.skipped.take()
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
        let mut found = self.poll_waiting(cx, &judge);
        loop {
            let set = pool.set();
            if found.is_none() && self.searched.replace(set.generation()) != Some(set.generation()) {
                found = self.search(cx, &set, pool.policy(), request, &judge);
            }
            drop(set);
            if let Some(found) = found {
                self.stop_waiting();
                return Poll::Ready(Ok(found));
            }
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
        let Some(changed) = &mut self.changed else {
            self.changed = Some(Box::pin(pool.changed()));
            return Poll::Ready(Ok(()));
        };
        if changed.as_mut().poll(cx).is_ready() {
            self.changed = None;
            return Poll::Ready(Ok(()));
        }
        if !self.met_full {
            return Poll::Pending;
        }
        match &mut self.queued {
            None => self.queued = Some(Waiting::enter(Arc::clone(pool.shared()))?),
            Some(queued) => ready!(queued.poll_freed(cx))?,
        }
        self.searched = None;
        Poll::Ready(Ok(()))
    }

    /// Whether there is any endpoint besides `endpoint` that this request has not been sent to.
    pub(crate) fn has_other_than<P: ?Sized>(&self, endpoint: &Arc<Endpoint<S>>, pool: &Pool<S, P>) -> bool {
        let is_other = |other: &Arc<Endpoint<S>>| !Arc::ptr_eq(other, endpoint) && !self.has_failed(other);
        pool.set().endpoints().iter().any(is_other)
    }

    /// Leaves `endpoint` out from here on, and starts over.
    pub(crate) fn exclude(&mut self, endpoint: Arc<Endpoint<S>>, index: usize) {
        self.note(&endpoint, index, Why::Failed);
        self.failed.push(endpoint);
        self.searched = None;
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
        let found = std::mem::take(&mut self.waiting)
            .into_iter()
            .filter(|candidate| candidate.endpoint.is_serving())
            .find_map(|candidate| self.ask(cx, candidate, Sent::Normally, judge));
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
        self.met_full = false;
        for standard in [Standard::Well, Standard::SlowStart, Standard::AnyAtAll] {
            let mut round = Round { standard, left_out: false };
            let found = self.search_by(&mut round, cx, set, policy, request, judge);
            if found.is_some() || !self.waiting.is_empty() || self.met_full || !round.left_out {
                return found;
            }
        }
        None
    }

    /// Asks every endpoint of `set` that was not asked yet and is up to the standard, in the policy's order.
    fn search_by<Req, P>(
        &mut self,
        round: &mut Round,
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
            match round.admits(endpoint) {
                Ok(sent) => {
                    let candidate = Candidate::of(endpoint, index, set.generation());
                    if let Some(found) = self.ask(cx, candidate, sent, judge) {
                        return Some(found);
                    }
                }
                Err(why) => self.note(endpoint, index, why),
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
                candidate.endpoint.report(judge(&error), Sent::Normally);
                self.note(&candidate.endpoint, candidate.index, Why::Failed);
                self.error = Some(error.into());
                self.failed.push(candidate.endpoint);
            }
            Poll::Pending => {
                self.note(&candidate.endpoint, candidate.index, Why::NotReady);
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
            Err(Refused::OnTrial) => Why::Ejected,
            Err(Refused::Full) => {
                self.met_full = true;
                Why::Full
            }
        };
        self.note(&endpoint, index, why);
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

    fn note(&mut self, endpoint: &Endpoint<S>, index: usize, why: Why) {
        if let Some(skipped) = &mut self.skipped {
            skipped.push(Skipped { index, id: endpoint.id(), why });
        }
    }

    /// Gives up the places held in the queues of those that were not ready.
    fn stop_waiting(&mut self) {
        self.waiting.clear();
        self.changed = None;
        self.queued = None;
    }
}

/// One walk through a set.
struct Round {
    standard: Standard,
    /// Whether anybody was left out who would do by a lower standard.
    left_out: bool,
}

impl Round {
    /// As what `endpoint` may be sent the request, should it be ready.
    fn admits<S>(&mut self, endpoint: &Endpoint<S>) -> Result<Sent, Why> {
        let ward = &endpoint.shared().ward;
        if ward.is_all_well() {
            return Ok(Sent::Normally);
        }
        let why = match endpoint.condition.admission(ward) {
            Admission::Open => return Ok(Sent::Normally),
            Admission::Due => return Ok(Sent::OnTrial),
            Admission::Warming if self.standard != Standard::Well => return Ok(Sent::Normally),
            Admission::Ejected if self.standard == Standard::AnyAtAll => return Ok(Sent::AsLastResort),
            Admission::Warming => Why::SlowStart,
            Admission::Ejected => Why::Ejected,
        };
        self.left_out = true;
        Err(why)
    }
}

impl<S: Clone> Candidate<S> {
    fn of(endpoint: &Arc<Endpoint<S>>, index: usize, version: u64) -> Self {
        Self { endpoint: Arc::clone(endpoint), service: endpoint.service().clone(), index, version }
    }
}
