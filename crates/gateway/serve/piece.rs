//! What an answer's body is sent in.

use std::convert::Infallible;
use std::io::IoSlice;

use bytes::{Buf, Bytes};
use tokio::sync::oneshot;

/// Data, or nothing but the news that all before it has gone out.
#[derive(Debug)]
pub(super) enum Piece<D> {
    Data(D),
    /// Without content. Whoever sends it drops it when it has gone out, or when it never will.
    Mark {
        _gone: oneshot::Sender<Infallible>,
    },
}

impl<D> Piece<D> {
    /// A mark, and what ends when it is dropped.
    pub(super) fn mark() -> (Self, oneshot::Receiver<Infallible>) {
        let (gone, awaited) = oneshot::channel();
        (Self::Mark { _gone: gone }, awaited)
    }
}

impl<D: Buf> Buf for Piece<D> {
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
    /// Beyond the end, as every buffer does.
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
