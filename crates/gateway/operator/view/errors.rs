//! The last requests that failed.

use std::sync::Arc;

use serde::Serialize;

use super::moment::Moment;
use crate::live::Handle;
use crate::observe::failures;

/// The last requests that failed, newest first.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Errors {
    errors: Vec<Failure>,
}

/// A request that failed.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Failure {
    at: Moment,
    request_id: Option<String>,
    client: Option<String>,
    method: Option<String>,
    path: Option<String>,
    route: Option<String>,
    upstream: Option<String>,
    status: u16,
    /// Its name (RFC 9209). `None` if the upstream itself has answered so.
    error: Option<&'static str>,
}

impl Errors {
    pub(crate) fn of(handle: &Handle) -> Self {
        let last = handle.observed().failures().last();
        Self { errors: last.iter().map(|(_, failure)| Failure::of(failure)).collect() }
    }
}

impl Failure {
    /// Those that came after so many, oldest first.
    pub(crate) fn since(count: u64, handle: &Handle) -> impl Iterator<Item = Self> + use<> {
        let last = handle.observed().failures().last();
        last.into_iter()
            .rev()
            .filter(move |(number, _)| *number >= count)
            .map(|(_, failure)| Self::of(&failure))
    }

    fn of(failure: &Arc<failures::Failure>) -> Self {
        let id = failure.id.as_ref();
        Self {
            at: Moment(failure.at),
            request_id: id.and_then(|id| id.to_str().ok()).map(str::to_owned),
            client: failure.client.map(|client| client.to_string()),
            method: failure.method.as_ref().map(ToString::to_string),
            path: failure.path.clone(),
            route: failure.route.as_deref().map(str::to_owned),
            upstream: failure.upstream.clone(),
            status: failure.status.as_u16(),
            error: failure.error,
        }
    }
}
