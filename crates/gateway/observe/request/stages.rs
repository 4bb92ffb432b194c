//! How long each part of a request took.

use std::time::Duration;

/// How long each part of a request took. What didn't happen is `None`.
#[allow(dead_code, reason = "metrics and further fields of the log will read it")]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stages {
    /// Until there was a connection to the upstream.
    pub(crate) connect: Option<Duration>,
    /// Then, until all of the request was sent. `None` if the answer began before that.
    pub(crate) send: Option<Duration>,
    /// From the request's arrival until the head of the answer.
    pub(crate) first_byte: Option<Duration>,
    /// From the head of the answer until its end.
    pub(crate) body: Option<Duration>,
    /// From the request's arrival until the end of the answer.
    pub(crate) total: Duration,
}

impl Stages {
    /// As the edge sees them.
    pub(super) fn of(first_byte: Option<Duration>, total: Duration) -> Self {
        let body = first_byte.map(|first_byte| total.saturating_sub(first_byte));
        Self { connect: None, send: None, first_byte, body, total }
    }
}
