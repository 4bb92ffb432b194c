//! `Verdict`: what all limits of a route say of one request.

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, Request, Response};
use proxy_service::{CatchErrorLayer, ProxyError};

use super::counter::Counter;
use super::decision::{Decision, RATE_LIMIT, RATE_LIMIT_POLICY, seconds};
use super::said::Said;
use crate::route::admitted::Ruling;

/// What all limits of a route say of one request. Either it passes and all have counted it, or none has.
#[derive(Debug)]
pub struct Verdict {
    policies: HeaderValue,
    counters: Arc<[Arc<Counter>]>,
    /// In the order of the counters. Those behind one that refuses need not have been asked.
    decisions: Vec<Decision>,
}

impl Verdict {
    /// What comes of what these limits say. If one refuses the request, the others count it no longer.
    pub(super) fn of(counters: &Arc<[Arc<Counter>]>, policies: &HeaderValue, said: Vec<Said>) -> Self {
        let refusing = said.iter().zip(&**counters).find(|(said, _)| said.decision.refuses());
        let is_counted = refusing.is_none();
        if let Some((_, counter)) = refusing {
            counter.note_refused();
        }
        let decisions = said.into_iter().zip(&**counters).map(|(said, counter)| match is_counted {
            true => said.decision,
            false => counter.take_back(said),
        });
        let decisions = decisions.collect();
        Self { policies: policies.clone(), counters: Arc::clone(counters), decisions }
    }
}

impl Ruling for Verdict {
    fn refusal<B>(&self, request: &Request<B>) -> Option<Response<Body>> {
        let decision = self.decisions.iter().find(|decision| decision.refuses())?;
        let error = match decision {
            Decision::Unavailable => ProxyError::limit_reached("Redis can't be asked whether there is room"),
            _ => ProxyError::too_many_requests("a rate_limit of the route"),
        };
        let mut answer = CatchErrorLayer::new().answer::<B, Body>(request, &error).map(Body::new);
        if let Decision::Refused { after } = decision {
            answer.headers_mut().insert(RETRY_AFTER, seconds(*after).into());
        }
        Some(answer)
    }

    fn close(self, mut answer: Response<Body>) -> Response<Body> {
        let fields = answer.headers_mut();
        fields.append(&RATE_LIMIT_POLICY, self.policies);
        let told = self.counters.iter().zip(&self.decisions);
        for state in told.filter_map(|(counter, decision)| counter.told(*decision)) {
            fields.append(&RATE_LIMIT, state);
        }
        answer
    }
}
