//! How a search asks endpoints: does their health allow a request, are they ready, and do they have room?

use std::task::{Context, Poll};

use tower_service::Service;

use super::{
    candidate::{Candidate, Found},
    standard::Standard,
    state::Search,
};
use crate::{
    endpoint::Refused, error::BoxError, health::Sent, in_flight::InFlight, outcome::Outcome, passed::Passed,
    picked::Why, policy::Policy, pool::Pool, set::Set,
};

/// How many endpoints one request waits for at most. It asks all endpoints, but if none is ready it keeps only this
/// many clones with their wakers, so that thousands of endpoints make a request no more expensive.
const MAX_WAITING: usize = 32;

impl<S> Search<S> {
    /// Asks the endpoints again that were not ready before.
    pub(super) fn poll_waiting<Req, P>(
        &mut self,
        cx: &mut Context<'_>,
        pool: &Pool<S, P>,
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
            .filter(|candidate| pool.is_serving(&candidate.endpoint))
            .find_map(|candidate| {
                let sent = standard.admits(&candidate.endpoint).ok()?;
                self.ask(cx, candidate, sent, judge)
            });
        if self.waiting.is_empty() {
            // No clone is left that would wake this task. There may be endpoints that were asked and not kept, so
            // all are asked again.
            self.searched = None;
        }
        found
    }

    /// Asks the endpoints of `set` and of the further tiers by one standard after the other, until one takes the
    /// request or is worth waiting for.
    pub(super) fn search<Req, P>(
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
            if standard > self.lowest || (standard == Standard::AnyAtAll && is_worth_waiting) {
                return None;
            }
            (self.standard, self.left_out) = (standard, false);
            let found = self.look_through_tiers(cx, set, policy, request, judge);
            if found.is_some() || !self.left_out {
                return found;
            }
        }
        None
    }

    fn forget_before_a_look(&mut self) {
        self.met_full = false;
        // A closed endpoint stays closed, so it needn't be remembered.
        self.failed.retain(|failed| !failed.is_closed());
        let Self { failed, waiting, skips, .. } = self;
        skips.keep_only(|id| {
            let waiting = waiting.iter().map(|waiting| &waiting.endpoint);
            failed.iter().chain(waiting).any(|endpoint| endpoint.id() == id)
        });
    }

    /// Asks the endpoints of `set` and, if none of them takes the request now, those of the next tiers.
    fn look_through_tiers<Req, P>(
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
        // An endpoint has the same index in the set with the next tier, so those that were asked stay marked.
        let mut passed = Passed::default();
        std::iter::successors(Some(set), |set| set.with_next_tier())
            .find_map(|set| self.look(cx, set, &mut passed, policy, request, judge))
    }

    /// Asks each endpoint of `set` that meets the standard and was not asked yet, in the policy's order.
    fn look<Req, P>(
        &mut self,
        cx: &mut Context<'_>,
        set: &Set<S>,
        passed: &mut Passed,
        policy: &P,
        request: &Req,
        judge: &impl Fn(&S::Error) -> Outcome,
    ) -> Option<Found<S>>
    where
        S: Service<Req, Error: Into<BoxError>> + Clone,
        P: Policy<Req>,
    {
        self.pass_already_asked(set, passed);
        while passed.len() < set.endpoints().len() {
            let index = policy.pick(request, set, passed)?;
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
                // A policy that picks the same endpoint twice has no other.
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
                self.exclude(candidate.endpoint, candidate.index, Why::Failed);
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
        let why = match InFlight::begin(&endpoint, sent) {
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

    fn pass_already_asked(&self, set: &Set<S>, passed: &mut Passed) {
        if self.failed.is_empty() && self.waiting.is_empty() {
            return;
        }
        for (index, endpoint) in set.endpoints().iter().enumerate() {
            if self.has_failed(endpoint) || self.is_waiting_for(endpoint) {
                passed.insert(index);
            }
        }
    }
}
