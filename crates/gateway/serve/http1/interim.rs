//! Interim (1xx) answers to the request that the app has.

use std::task::{Context, Poll, ready};

use http::StatusCode;
use proxy_service::Informational;

use super::super::interim::Interims;
use super::super::stream::OverSocket;
use super::line::Line;

impl<T: OverSocket> Line<T> {
    /// What the app sends interim answers to the next request through.
    pub(super) fn informational(&mut self) -> Informational {
        self.interims.get_or_insert_with(Interims::new).informational()
    }

    /// Takes an interim answer from the app, to be written. Ready if there was one: the app has to be polled then.
    pub(super) fn poll_interim(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(interims) = &mut self.interims else { return Poll::Pending };
        let interim = ready!(interims.poll_next(cx));
        if interim.status() != StatusCode::CONTINUE || self.wire.awaits_continue() {
            // It fails only for what can't be sent through `Informational`.
            let _ = self.wire.send_interim(interim.status(), interim.headers());
        }
        Poll::Ready(())
    }

    /// The app has answered: takes what it sent before, and no more. What can be used again is kept for the next
    /// request.
    pub(super) fn end_interims(&mut self, cx: &mut Context<'_>) {
        let _was_there_one = self.poll_interim(cx);
        self.interims.take_if(|interims| !interims.is_unshared());
    }
}
