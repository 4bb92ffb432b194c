//! A program without Redis: no limit is shared, and nobody is asked.

use std::sync::Arc;

use axum::http::request::Parts;

use super::counter::Counter;
use super::said::Said;
use crate::config::Redis;

/// Where several gateways count together: nowhere. There is never one of these.
#[derive(Clone, Debug)]
#[allow(dead_code, reason = "a program with Redis makes one")]
pub(crate) struct Common;

/// What a limit is asked about a request.
#[derive(Debug)]
pub(super) struct Question;

impl Question {
    pub(super) fn of(_: &Arc<Counter>, _: &Common, _: &Parts) -> Self {
        Self
    }
}

impl Common {
    pub(crate) fn at(_: &Redis) -> Option<(Self, std::future::Ready<()>)> {
        None
    }

    pub(crate) fn of_route(&self, _: &str) -> Self {
        self.clone()
    }

    pub(crate) fn asks(&self, _: &Redis) -> bool {
        false
    }

    pub(crate) fn is_connected(&self) -> bool {
        false
    }

    pub(crate) fn results(&self) -> Vec<(&'static str, u64)> {
        Vec::new()
    }

    pub(super) async fn decide(&self, _: &[Question]) -> Vec<Said> {
        Vec::new()
    }
}
