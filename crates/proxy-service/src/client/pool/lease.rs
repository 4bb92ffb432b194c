//! What an open connection takes up.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::rt::{Read, ReadBufCursor, Write};

use super::counts::Counts;
use super::room::{Place, Turn};

/// A connection's part in the counts and in the room that its endpoint has. Dropped from the first field to the last: no
/// turn is free before its place is.
pub(super) struct Lease {
    _counted: Option<Counted>,
    _place: Option<Place>,
    _turn: Option<Turn>,
}

struct Counted(Arc<Counts>);

impl Lease {
    pub(super) fn new(counts: Option<&Arc<Counts>>, place: Option<Place>, turn: Option<Turn>) -> Self {
        let counted = counts.map(|counts| {
            counts.note_opening();
            Counted(Arc::clone(counts))
        });
        Self { _counted: counted, _place: place, _turn: turn }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.note_closed();
    }
}

/// A stream with its lease, which ends when the stream is closed: wherever it was taken by then, as by an upgrade.
pub(in crate::client) struct Leased<T> {
    io: T,
    _lease: Lease,
}

impl<T> Leased<T> {
    pub(super) fn new(io: T, lease: Lease) -> Self {
        Self { io, _lease: lease }
    }

    pub(super) fn stream(&self) -> &T {
        &self.io
    }
}

impl<T: Read + Unpin> Read for Leased<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl<T: Write + Unpin> Write for Leased<T> {
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
