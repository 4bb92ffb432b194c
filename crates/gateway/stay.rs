//! What a route has begun may go on after the route is gone, but not for ever: tunnels, and the bodies of answers.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::BoxError;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use proxy_service::Tunnels;

/// How long what one route has begun may go on. Clones are of the same route.
#[derive(Clone, Debug)]
pub(crate) struct Stay {
    tunnels: Tunnels,
    is_over: Arc<AtomicBool>,
}

impl Stay {
    /// The stay of a route whose tunnels are some of these.
    pub(crate) fn among(tunnels: &Tunnels) -> Self {
        Self { tunnels: tunnels.group(), is_over: Arc::default() }
    }

    /// The route's tunnels.
    pub(crate) fn tunnels(&self) -> &Tunnels {
        &self.tunnels
    }

    /// Ends the route's tunnels, and each body as soon as it has something to send.
    pub(crate) fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
        self.tunnels.close();
    }

    /// Makes a body end with the stay.
    pub(crate) fn body<B>(&self, body: B) -> Staying<B> {
        Staying { body, is_over: Arc::clone(&self.is_over) }
    }
}

pin_project! {
    /// The body of an answer, which is cut off once its route's stay is over.
    pub(crate) struct Staying<B> {
        #[pin]
        body: B,
        is_over: Arc<AtomicBool>,
    }
}

impl<B> Body for Staying<B>
where
    B: Body<Error: Into<BoxError>>,
{
    type Data = B::Data;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, BoxError>>> {
        let this = self.project();
        if this.is_over.load(Ordering::Relaxed) && !this.body.is_end_stream() {
            return Poll::Ready(Some(Err(RouteIsGone.into())));
        }
        this.body.poll_frame(cx).map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The route was removed, and its answer went on for longer than it may after that.
#[derive(Debug)]
struct RouteIsGone;

impl fmt::Display for RouteIsGone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the route was removed a while ago (timeouts.drain)")
    }
}

impl Error for RouteIsGone {}
