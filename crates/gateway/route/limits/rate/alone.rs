//! A program without Redis: limits that gateways share don't exist.

use std::sync::Arc;

use axum::http::request::Parts;

use super::counter::Counter;
use super::decision::Decision;
use crate::background::Background;
use crate::config::Redis;

/// Where several gateways count together: nowhere.
#[derive(Clone, Debug)]
pub(crate) enum Common {}

/// What a limit is asked about a request.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) counter: Arc<Counter>,
}

impl Question {
    pub(super) fn of(_: &Arc<Counter>, common: &Common, _: &Parts) -> Self {
        match *common {}
    }
}

impl Common {
    pub(crate) fn at(_: &Redis) -> Option<(Self, Background)> {
        None
    }

    pub(crate) fn of_route(&self, _: &str) -> Self {
        match *self {}
    }

    pub(crate) fn asks(&self, _: &Redis) -> bool {
        match *self {}
    }

    pub(crate) fn is_connected(&self) -> bool {
        match *self {}
    }

    pub(crate) fn results(&self) -> Vec<(&'static str, u64)> {
        match *self {}
    }

    pub(super) async fn decide(&self, _: &Question) -> Decision {
        match *self {}
    }
}
