//! The stage at which a request fails at the first upstream.

use std::sync::Arc;

use tokio::sync::Notify;

use crate::support::recorder::{RecordedRequest, Script, Step};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// While connecting: nothing was sent.
    Refused,
    /// On a new connection, once the head of the request was read.
    ResetFresh,
    /// On a connection that has served another request before. New connections are reset as well.
    ResetReused,
    Unavailable,
    NoAnswer,
    /// The client has the response's head and the first bytes of its body.
    BodyReset,
}

impl Stage {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Refused => "connection refused",
            Self::ResetFresh => "reset after the head, fresh connection",
            Self::ResetReused => "reset after the head, reused connection",
            Self::Unavailable => "503 answered",
            Self::NoAnswer => "no answer",
            Self::BodyReset => "body reset after the response's head",
        }
    }

    /// What the first upstream does with a request. `has_head` says that the client has the head of the response.
    pub(crate) fn script(self, request: &RecordedRequest, has_head: &Arc<Notify>) -> Script {
        if request.target != "/x" {
            return Script::ok("primed");
        }
        match self {
            Self::Refused => unreachable!("nobody listens there"),
            Self::ResetFresh | Self::ResetReused => Script(vec![Step::Reset]),
            Self::Unavailable => Script::status(503),
            Self::NoAnswer => Script::silence(),
            // A reset overtakes what was sent before it.
            Self::BodyReset => Script::raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nthe first")
                .then(Step::AwaitSignal(has_head.clone()))
                .then(Step::Reset),
        }
    }
}
