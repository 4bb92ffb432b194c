//! How long the stages of a request took.

use std::time::Duration;

use tokio::time::Instant;

use crate::client::Steps;

/// How long a request took at its upstream, stage by stage: see [`Upstream::stages`](crate::Upstream::stages).
///
/// If it was sent to the upstream twice, the stages are those of the second time, counted from the beginning of the first.
/// With another client than this crate's, `connect` and `sent` aren't known.
#[derive(Clone, Copy, Debug)]
pub struct Stages {
    began: Instant,
    connect: Option<Duration>,
    sent: Option<Instant>,
    head: Option<Instant>,
}

impl Stages {
    pub(crate) fn begin() -> Self {
        Self { began: Instant::now(), connect: None, sent: None, head: None }
    }

    /// When the request came to the proxy service.
    pub fn began(&self) -> std::time::Instant {
        self.began.into_std()
    }

    /// How long it took to open a connection for it, or to fail to: to resolve the name, to connect, and the TLS
    /// handshake. Over HTTP/2 it is the time that the request waited for a connection with room. `None` if there was one.
    pub fn connect(&self) -> Option<Duration> {
        self.connect
    }

    /// How long after its beginning all of the request was handed to the socket. `None` if part of it wasn't yet when
    /// the head of the answer came, or when it failed.
    pub fn sent(&self) -> Option<Duration> {
        self.sent.map(|sent| sent.saturating_duration_since(self.began))
    }

    /// How long after its beginning the head of the answer was there. `None` if there is no answer.
    pub fn head(&self) -> Option<Duration> {
        self.head.map(|head| head.saturating_duration_since(self.began))
    }

    /// The request is sent once more.
    pub(crate) fn begin_again(&mut self) {
        *self = Self { connect: None, sent: None, ..*self };
    }

    pub(crate) fn note(&mut self, steps: Steps) {
        self.connect = steps.connect.or(self.connect);
        self.sent = steps.sent.or(self.sent);
    }

    pub(crate) fn note_head(&mut self) {
        self.head = Some(Instant::now());
    }
}
