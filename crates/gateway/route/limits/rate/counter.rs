//! `Counter`: one limit, and what is counted against it.

use std::hash::RandomState;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::HeaderValue;
use axum::http::request::Parts;

use super::decision::{Decision, Texts};
use super::key::Who;
use super::limiter::Limiter;
use super::said::{Counted, Said};
use crate::config;

/// What has come of the requests that one limit is for. It lives on as long as the limit is the same.
#[derive(Debug)]
pub struct Counter {
    limit: config::RateLimit,
    limiter: Limiter,
    texts: Texts,
    /// Nobody can find out which keys have the same hash.
    random: RandomState,
    refused: AtomicU64,
}

impl Counter {
    /// Nothing is counted yet.
    pub fn new(limit: config::RateLimit) -> Self {
        Self {
            limiter: Limiter::of(&limit),
            texts: Texts::of(&limit),
            random: RandomState::new(),
            refused: AtomicU64::new(0),
            limit,
        }
    }

    /// The limit.
    pub fn limit(&self) -> &config::RateLimit {
        &self.limit
    }

    /// How many requests it has refused.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Counts a request in this process.
    pub(super) fn ask(&self, parts: &Parts) -> Said {
        self.ask_for(self.hash_of(parts))
    }

    /// The hash of the key that a request belongs to.
    pub(super) fn hash_of(&self, parts: &Parts) -> u64 {
        Who::sent(parts, &self.limit.key).hashed_by(&self.random)
    }

    pub(super) fn ask_for(&self, hash: u64) -> Said {
        Said { decision: self.limiter.ask(hash), counted: Counted::Here { hash } }
    }

    /// What is said of a request that another limit has refused: it isn't counted here any more.
    pub(super) fn take_back(&self, said: Said) -> Decision {
        let Decision::Passed { left } = said.decision else { return said.decision };
        if let Counted::Here { hash } = said.counted {
            self.limiter.give_back(hash);
        }
        Decision::Passed { left: left.saturating_add(1) }
    }

    pub(super) fn note_refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// What `RateLimit` says of a decision.
    pub(super) fn told(&self, decision: Decision) -> Option<HeaderValue> {
        self.texts.state(decision)
    }
}
