//! What follows a request from its beginning to the end of its answer: its line, and its span for other events.

use axum::http::Request;
use tracing::Span;

use super::line::Line;
use crate::request_id::X_REQUEST_ID;

/// A request's line and its span. It is boxed, because futures and bodies are moved often and most have none.
#[derive(Debug)]
pub(crate) struct Watch {
    pub(super) line: Option<Line>,
    span: Span,
}

impl Watch {
    /// `None` if both are turned off.
    pub(super) fn begin<B>(request: &mut Request<B>) -> Option<Box<Self>> {
        let line = Line::begin(request);
        let id = || request.headers().get(&X_REQUEST_ID).and_then(|id| id.to_str().ok());
        let span = tracing::debug_span!(target: "gateway", "request", id = id());
        (line.is_some() || !span.is_disabled()).then(|| Box::new(Self { line, span }))
    }

    /// Runs `step` within the request's span.
    pub(super) fn within<T>(watch: Option<&Self>, step: impl FnOnce() -> T) -> T {
        match watch {
            Some(watch) => watch.span.in_scope(step),
            None => step(),
        }
    }
}
