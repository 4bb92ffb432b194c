//! `Record`: follows a request from the edge until its answer has ended.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::http::{Response, StatusCode};
use proxy_service::{ErrorKind, ProxyError};

use super::asked::Asked;
use super::ended::Ended;
use super::finished::Finished;
use super::journey::Journey;
use super::stages::Stages;
use super::story::{Head, Story};
use crate::observe::audience::Audience;

/// Follows a request from the edge until its answer has ended, and then tells the audience, once. If it is dropped
/// before that, the client has left.
#[derive(Debug)]
pub(crate) struct Record(Arc<Story>);

impl Record {
    pub(crate) fn begin(asked: Asked, audience: &Arc<Audience>) -> Self {
        let id = || asked.id.as_ref().and_then(|id| id.to_str().ok());
        let span = tracing::debug_span!(target: "gateway", "request", id = id());
        Self(Story::new(asked, span, audience))
    }

    /// For inner layers.
    pub(crate) fn journey(&self) -> Journey {
        Journey::of(&self.0)
    }

    /// Runs `step` within the request's span.
    pub(crate) fn within<T>(&self, step: impl FnOnce() -> T) -> T {
        self.0.span.in_scope(step)
    }

    /// Runs `step` within the span of the request, if it hasn't ended.
    pub(crate) fn around<T>(record: Option<&Self>, step: impl FnOnce() -> T) -> T {
        match record {
            Some(record) => record.within(step),
            None => step(),
        }
    }

    /// Notes the head of the answer.
    pub(crate) fn head<B>(&self, response: &Response<B>) {
        let extensions = response.extensions();
        self.0.head.get_or_init(|| Head {
            after: self.0.began.elapsed(),
            status: response.status(),
            upstream: extensions.get().cloned(),
            error: extensions.get().copied(),
            reason: extensions.get().copied(),
        });
    }

    /// Counts bytes of the answer's body.
    pub(crate) fn count_out(&self, bytes: usize) {
        self.0.bytes_out.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// The answer has been passed on as a whole.
    pub(crate) fn complete(self) {
        let head = self.0.head.get();
        let error = head.and_then(|head| head.error);
        let ended = match error {
            Some(kind) => Ended::answered(kind),
            None if head.is_some_and(|head| head.reason.is_some()) => Ended::Refused,
            None => Ended::Complete,
        };
        self.end(error, ended);
    }

    /// The client has left before the end of the answer.
    pub(crate) fn client_left(self) {
        self.end_without_client();
    }

    /// The answer's body broke off.
    pub(crate) fn broken(self, error: &(dyn Error + Send + Sync + 'static)) {
        let (kind, ended) = match ProxyError::find(error) {
            Some(error) => (error.kind(), Ended::in_body(error)),
            None => (ErrorKind::ProxyInternalError, Ended::GatewayFailed),
        };
        self.end(Some(kind), ended);
    }

    fn end_without_client(&self) {
        let ended = match self.0.head.get() {
            Some(_) => Ended::ClientLeftInBody,
            None => Ended::ClientLeftBeforeHead,
        };
        self.end(Some(ErrorKind::ClientGone), ended);
    }

    fn end(&self, kind: Option<ErrorKind>, ended: Ended) {
        let story = &*self.0;
        story.is_over.store(true, Ordering::Relaxed);
        let (head, total) = (story.head.get(), story.began.elapsed());
        let upstream = head.and_then(|head| head.upstream.as_ref());
        let again = upstream.map_or(0, |upstream| upstream.tries().saturating_sub(1));
        let status = match kind {
            Some(ErrorKind::ClientGone) => ErrorKind::ClientGone.status(),
            _ => head.map_or(StatusCode::OK, |head| head.status),
        };
        story.audience.hear(&Finished {
            asked: &story.asked,
            route: story.route.get(),
            user: story.user.get(),
            status,
            kind,
            reason: head.and_then(|head| head.reason),
            upstream,
            tries: story.tries.load(Ordering::Relaxed) + again,
            bytes_in: story.bytes_in.load(Ordering::Relaxed),
            bytes_out: story.bytes_out.load(Ordering::Relaxed),
            stages: Stages::of(head.map(|head| head.after), total, upstream),
            ended,
        });
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        if !self.0.is_over.load(Ordering::Relaxed) {
            self.end_without_client();
        }
    }
}
