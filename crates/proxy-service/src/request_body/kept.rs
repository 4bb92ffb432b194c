//! What was taken from a body and is kept for another try.

use std::collections::VecDeque;

use bytes::{Buf, Bytes};
use http::HeaderMap;
use http_body::Frame;

use super::data::RequestData;

/// How many bytes of a body are kept at most.
const MOST: usize = 64 * 1024;

/// The beginning of a body, or all of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    data: VecDeque<Bytes>,
    bytes: usize,
    trailers: Option<HeaderMap>,
    /// Whether this is the whole body, so that nothing follows it.
    is_all: bool,
}

impl Kept {
    pub(super) fn is_empty(&self) -> bool {
        self.data.is_empty() && self.trailers.is_none()
    }

    /// Whether anything of the body has been seen, even if it is only its end.
    pub(super) fn is_begun(&self) -> bool {
        !self.is_empty() || self.is_all
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes as u64
    }

    pub(super) fn is_all(&self) -> bool {
        self.is_all
    }

    /// Records that the body is at its end.
    pub(super) fn note_end(&mut self) {
        self.is_all = true;
    }

    /// Keeps a frame. Returns the frame, and whether there was room to keep it.
    pub(super) fn keep<D: Buf>(&mut self, frame: Frame<RequestData<D>>) -> (Frame<RequestData<D>>, bool) {
        let frame = match frame.into_data() {
            Ok(data) => return self.keep_data(data),
            Err(frame) => frame,
        };
        self.trailers = frame.trailers_ref().cloned();
        (frame, true)
    }

    fn keep_data<D: Buf>(&mut self, mut data: RequestData<D>) -> (Frame<RequestData<D>>, bool) {
        let length = data.remaining();
        if length > MOST - self.bytes {
            return (Frame::data(data), false);
        }
        let data = data.copy_to_bytes(length);
        self.bytes += length;
        self.data.push_back(data.clone());
        (Frame::data(RequestData::kept(data)), true)
    }

    pub(super) fn next<D>(&mut self) -> Option<Frame<RequestData<D>>> {
        if let Some(data) = self.data.pop_front() {
            self.bytes -= data.len();
            return Some(Frame::data(RequestData::kept(data)));
        }
        self.trailers.take().map(Frame::trailers)
    }

    /// This, followed by `rest`, which was kept before and has not been taken again.
    pub(super) fn followed_by(mut self, rest: Self) -> Self {
        self.data.extend(rest.data);
        self.bytes += rest.bytes;
        self.trailers = self.trailers.or(rest.trailers);
        self.is_all |= rest.is_all;
        self
    }
}
