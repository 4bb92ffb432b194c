//! `Verdict`: what all limits of a route say of one request.

use std::ops::ControlFlow;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, Request, Response};
use proxy_service::{CatchErrorLayer, ProxyError};

use super::common::{Common, Question};
use super::counter::Counter;
use super::decision::{Decision, RATE_LIMIT, RATE_LIMIT_POLICY, seconds};
use crate::route::admitted::Ruling;

/// What all limits of a route say of one request.
#[derive(Debug)]
pub struct Verdict {
    policies: HeaderValue,
    told: Vec<HeaderValue>,
    refused: Option<Refused>,
}

/// Why a request doesn't pass.
#[derive(Clone, Copy, Debug)]
enum Refused {
    TooMany { after: Duration },
    NobodyToAsk,
}

impl Verdict {
    /// No limit has been asked yet.
    pub(super) fn new(policies: &HeaderValue) -> Self {
        Self { policies: policies.clone(), told: Vec::new(), refused: None }
    }

    /// Adds what one limit says. Break: the request doesn't pass, and no other limit needs to be asked.
    pub(super) fn add(&mut self, counter: &Counter, decision: Decision) -> ControlFlow<()> {
        self.told.extend(counter.told(decision));
        self.refused = match decision {
            Decision::Passed { .. } | Decision::Unknown => return ControlFlow::Continue(()),
            Decision::Refused { after } => Some(Refused::TooMany { after }),
            Decision::Unavailable => Some(Refused::NobodyToAsk),
        };
        counter.note_refused();
        ControlFlow::Break(())
    }

    /// Asks all limits, one after the other.
    pub(super) async fn asked(mut self, questions: Vec<Question>, common: Common) -> Self {
        for question in questions {
            let decision = common.decide(&question).await;
            if self.add(&question.counter, decision).is_break() {
                break;
            }
        }
        self
    }
}

impl Ruling for Verdict {
    fn refusal<B>(&self, request: &Request<B>) -> Option<Response<Body>> {
        let error = match self.refused? {
            Refused::TooMany { .. } => ProxyError::too_many_requests("a rate_limit of the route"),
            Refused::NobodyToAsk => ProxyError::limit_reached("Redis can't be asked whether there is room"),
        };
        let mut answer = CatchErrorLayer::new().answer::<B, Body>(request, &error).map(Body::new);
        if let Some(Refused::TooMany { after }) = self.refused {
            answer.headers_mut().insert(RETRY_AFTER, seconds(after).into());
        }
        Some(answer)
    }

    fn close(self, mut answer: Response<Body>) -> Response<Body> {
        let fields = answer.headers_mut();
        fields.append(&RATE_LIMIT_POLICY, self.policies);
        for state in self.told {
            fields.append(&RATE_LIMIT, state);
        }
        answer
    }
}
