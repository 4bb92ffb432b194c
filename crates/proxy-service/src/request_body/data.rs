//! The bytes of a request body.

use std::io::IoSlice;

use bytes::{Buf, Bytes};

/// The bytes of a [`RequestBody`](super::RequestBody). They are from the original body, or were kept for another try.
#[derive(Clone, Debug)]
pub struct RequestData<D>(Source<D>);

#[derive(Clone, Debug)]
enum Source<D> {
    Original(D),
    Kept(Bytes),
}

impl<D> RequestData<D> {
    pub(super) fn original(data: D) -> Self {
        Self(Source::Original(data))
    }

    pub(super) fn kept(data: Bytes) -> Self {
        Self(Source::Kept(data))
    }
}

impl<D: Buf> Buf for RequestData<D> {
    fn remaining(&self) -> usize {
        match &self.0 {
            Source::Original(data) => data.remaining(),
            Source::Kept(data) => data.remaining(),
        }
    }

    fn chunk(&self) -> &[u8] {
        match &self.0 {
            Source::Original(data) => data.chunk(),
            Source::Kept(data) => data.chunk(),
        }
    }

    fn chunks_vectored<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        match &self.0 {
            Source::Original(data) => data.chunks_vectored(slices),
            Source::Kept(data) => data.chunks_vectored(slices),
        }
    }

    fn advance(&mut self, length: usize) {
        match &mut self.0 {
            Source::Original(data) => data.advance(length),
            Source::Kept(data) => data.advance(length),
        }
    }

    fn copy_to_bytes(&mut self, length: usize) -> Bytes {
        match &mut self.0 {
            Source::Original(data) => data.copy_to_bytes(length),
            Source::Kept(data) => data.copy_to_bytes(length),
        }
    }
}
