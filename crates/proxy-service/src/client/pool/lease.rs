//! What an open connection takes up: it is counted, and has a place within the endpoint's limit.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::counts::Counts;
use super::room::{Place, Turn};

/// One connection's share of the counts and of the endpoint's limit. The fields are dropped from the first to the
/// last, so that the place is free before the turn is.
pub(super) struct Lease {
    _counted: Option<Counted>,
    _place: Option<Place>,
    /// None if there is no limit.
    lodging: Option<Lodging>,
}

/// Keeps a turn until the connection is closed, even if the connection leaves the pool.
#[derive(Clone, Default)]
pub(in crate::client) struct Lodging(Arc<OnceLock<Turn>>);

impl Lodging {
    pub(in crate::client) fn keep(&self, turn: Turn) {
        let _one_is_enough = self.0.set(turn);
    }
}

struct Counted(Arc<Counts>);

impl Lease {
    pub(super) fn new(counts: Option<&Arc<Counts>>, place: Option<Place>) -> Self {
        let counted = counts.map(|counts| {
            counts.note_opening();
            Counted(Arc::clone(counts))
        });
        let lodging = place.as_ref().map(|_| Lodging::default());
        Self { _counted: counted, _place: place, lodging }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.note_closed();
    }
}

/// A stream with its lease. The lease ends when the stream is closed, even if the stream has left the pool, as after
/// an upgrade.
pub(in crate::client) struct Leased<T> {
    io: T,
    lease: Lease,
}

impl<T> Leased<T> {
    pub(super) fn new(io: T, lease: Lease) -> Self {
        Self { io, lease }
    }

    pub(super) fn stream(&self) -> &T {
        &self.io
    }

    pub(in crate::client) fn lodging(&self) -> Option<Lodging> {
        self.lease.lodging.clone()
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Leased<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Leased<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, bufs)
    }
}
