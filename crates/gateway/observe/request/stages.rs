//! How long each part of a request took.

use std::time::Duration;

use proxy_service::Upstream;

/// How long each part of a request took. What didn't happen is `None`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stages {
    /// To open a connection to the upstream. `None` if there was one.
    pub(crate) connect: Option<Duration>,
    /// From then until all of the request was sent. `None` if the answer began before that.
    pub(crate) send: Option<Duration>,
    /// From the request's arrival until the head of the answer.
    pub(crate) first_byte: Option<Duration>,
    /// From the head of the answer until its end.
    pub(crate) body: Option<Duration>,
    /// From the request's arrival until the end of the answer.
    pub(crate) total: Duration,
}

impl Stages {
    /// As the edge sees them, and as the proxy has told.
    pub(super) fn of(first_byte: Option<Duration>, total: Duration, upstream: Option<&Upstream>) -> Self {
        let body = first_byte.map(|first_byte| total.saturating_sub(first_byte));
        let told = upstream.map(Upstream::stages);
        let connect = told.and_then(|told| told.connect());
        let sent = told.and_then(|told| told.sent());
        let send = sent.map(|sent| sent.saturating_sub(connect.unwrap_or_default()));
        Self { connect, send, first_byte, body, total }
    }
}
