//! What a connection attends to while the app has a request: the client's departure, the shutdown, and a client that
//! doesn't read.

use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Buf;
use http1::{Framed, Server};
use tokio::time::Instant;

use super::super::Options;
use super::super::ear::Ear;
use super::super::interim::Interims;
use super::super::stream::OverSocket;
use super::super::timer::Timer;
use super::parked::{Opening, Parked};
use super::wire::Wire;
use crate::serve::upgrade::Switch;

/// A connection without its app: the wire, the time and the shutdown.
#[derive(Debug)]
pub(super) struct Line<T: OverSocket> {
    pub(super) wire: Wire<T>,
    pub(super) timer: Timer,
    pub(super) options: Arc<Options>,
    ear: Ear,
    /// Made with the first request, and kept while no request has left anyone behind who could still send.
    pub(super) interims: Option<Interims>,
    /// How often the wire had written when it was found that the client doesn't read.
    stalled_at: Option<u64>,
}

/// The client has gone, or is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gone;

impl<T: OverSocket> Line<T> {
    /// Begins to serve, or goes on, with what was received.
    pub(super) fn open(opening: Opening<T>, options: Arc<Options>) -> Self {
        let Opening { stream, received, timer, ear, .. } = opening;
        let wire = Wire::new(stream, received, Server::new(limits(&options)), options.header_case);
        Self { wire, timer, options, ear, interims: None, stalled_at: None }
    }

    /// Frees the buffers of a connection that is idle.
    pub(super) fn park(self, idle_since: Instant) -> Option<Parked<T>> {
        let Self { wire, timer, ear, .. } = self;
        Some(Parked { stream: wire.into_stream()?, timer, ear, idle_since })
    }

    /// Gives the stream to who speaks the other protocol on it.
    pub(super) fn switch(self, switch: Switch<T>) {
        if let Some((stream, received)) = self.wire.into_parts() {
            switch.complete(stream, received);
        }
    }

    /// Ready when the shutdown has begun.
    pub(super) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.ear.poll_begun(cx)
    }

    /// Writes what is pending, and then `piece`. While the client doesn't read, the deadline is set.
    pub(super) fn poll_write(
        &mut self,
        piece: &mut Option<Framed<impl Buf>>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Gone>> {
        let written = self.wire.poll_write(piece, cx);
        if written.is_ready() {
            if self.stalled_at.take().is_some() {
                self.timer.clear();
            }
        } else if self.stalled_at != Some(self.wire.writes()) {
            self.stalled_at = Some(self.wire.writes());
            self.timer.set_in(self.options.limits.write_stall);
        }
        written.map_err(|_| Gone)
    }

    /// Attends to everything but the app, while a request is under way. Never ready before the client has gone: once
    /// it has closed its side, it counts as gone. In TCP that looks the same as closing the connection, and a request
    /// whose client has gone must be cancelled at once.
    pub(super) fn poll_gone(&mut self, cx: &mut Context<'_>) -> Poll<Gone> {
        if self.wire.codec().is_received() {
            while let Poll::Ready(filled) = self.wire.poll_fill(cx) {
                if filled.is_err() {
                    return Poll::Ready(Gone);
                }
            }
        }
        if self.ear.poll_retiring(cx).is_ready() {
            self.wire.close_after();
        }
        ready!(self.timer.poll_expired(cx));
        Poll::Ready(Gone)
    }
}

/// The limits of the codec.
fn limits(options: &Options) -> http1::Limits {
    http1::Limits {
        section: options.limits.header_section_bytes,
        fields: options.limits.header_fields,
        target: options.limits.uri_bytes,
        ..http1::Limits::REQUESTS
    }
}
