//! A piece of an answer's body: data, or the mark after it.

use std::convert::Infallible;
use std::io::IoSlice;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use tokio::sync::oneshot;

/// Data, or a mark without content that tells when everything before it was written.
#[derive(Debug)]
pub(super) enum Piece {
    Data(Bytes),
    /// The mark. It is dropped when it was written, or when it can't be written any more.
    Mark {
        _gone: oneshot::Sender<Infallible>,
    },
}

/// Waits until a mark is dropped.
#[derive(Debug)]
pub(super) struct MarkGone(oneshot::Receiver<Infallible>);

impl MarkGone {
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(cx).map(|_never_sent| ())
    }
}

impl Piece {
    /// Makes a mark, and what waits for it to be dropped.
    pub(super) fn mark() -> (Self, MarkGone) {
        let (gone, awaited) = oneshot::channel();
        (Self::Mark { _gone: gone }, MarkGone(awaited))
    }
}

impl Buf for Piece {
    fn remaining(&self) -> usize {
        match self {
            Self::Data(data) => data.remaining(),
            Self::Mark { .. } => 0,
        }
    }

    fn chunk(&self) -> &[u8] {
        match self {
            Self::Data(data) => data.chunk(),
            Self::Mark { .. } => &[],
        }
    }

    fn chunks_vectored<'a>(&'a self, dst: &mut [IoSlice<'a>]) -> usize {
        match self {
            Self::Data(data) => data.chunks_vectored(dst),
            Self::Mark { .. } => 0,
        }
    }

    /// # Panics
    /// If `count` is more than what remains, as with every [`Buf`].
    fn advance(&mut self, count: usize) {
        match self {
            Self::Data(data) => data.advance(count),
            Self::Mark { .. } => assert_eq!(count, 0, "a mark has no content"),
        }
    }

    fn copy_to_bytes(&mut self, length: usize) -> Bytes {
        match self {
            Self::Data(data) => data.copy_to_bytes(length),
            Self::Mark { .. } => Bytes::new(),
        }
    }
}
