//! A body that follows a script: which length it claims, and which frames it returns.

use std::collections::VecDeque;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use arbitrary::Arbitrary;
use bytes::{Buf, Bytes};
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};

use crate::fields::Field;

#[derive(Arbitrary, Clone, Debug)]
pub enum Script {
    /// No body.
    Empty,
    /// One piece, whose length is known from the start.
    Known(u8),
    /// Pieces, perhaps none, whose length isn't known from the start.
    Streamed { pieces: [u8; 2], trailers: Option<Vec<Field>> },
    /// One piece and then an error.
    Broken,
}

#[derive(Debug)]
pub struct Scripted {
    left: VecDeque<Result<Frame<Bytes>, &'static str>>,
    size: SizeHint,
    says_that_it_is_over: bool,
}

impl Script {
    pub fn body(&self) -> Scripted {
        let piece = |length: u8| Ok(Frame::data(Bytes::from(vec![b'x'; length.into()])));
        let left = match self {
            Self::Empty => VecDeque::new(),
            Self::Known(length) => VecDeque::from([piece(*length)]),
            Self::Streamed { pieces, trailers } => pieces
                .iter()
                .filter(|length| **length > 0)
                .map(|length| piece(*length))
                .chain(trailers.iter().map(|fields| Ok(Frame::trailers(crate::fields::map(fields)))))
                .collect(),
            Self::Broken => VecDeque::from([piece(1), Err("broken")]),
        };
        let size = match self {
            Self::Empty => SizeHint::with_exact(0),
            Self::Known(length) => SizeHint::with_exact((*length).into()),
            Self::Streamed { .. } | Self::Broken => SizeHint::default(),
        };
        Scripted { left, size, says_that_it_is_over: matches!(self, Self::Empty) }
    }

    /// The length of all data, or `None` if the body fails.
    pub fn total(&self) -> Option<u64> {
        match self {
            Self::Empty => Some(0),
            Self::Known(length) => Some((*length).into()),
            Self::Streamed { pieces, .. } => Some(pieces.iter().map(|length| u64::from(*length)).sum()),
            Self::Broken => None,
        }
    }

    pub fn has_trailers(&self) -> bool {
        matches!(self, Self::Streamed { trailers: Some(_), .. })
    }
}

impl Body for Scripted {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        Poll::Ready(self.left.pop_front())
    }

    fn is_end_stream(&self) -> bool {
        self.says_that_it_is_over
    }

    fn size_hint(&self) -> SizeHint {
        self.size.clone()
    }
}

/// What was read of a body before its end or its error.
#[derive(Debug, Default)]
pub struct Reading {
    pub data: u64,
    pub trailers: Option<HeaderMap>,
    pub broke: bool,
}

pub async fn read(body: impl Body<Data: Buf>) -> Reading {
    let mut body = pin!(body);
    let mut reading = Reading::default();
    while let Some(frame) = std::future::poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        match frame.map(Frame::into_data) {
            Ok(Ok(data)) => reading.data += data.remaining() as u64,
            Ok(Err(other)) => reading.trailers = other.into_trailers().ok(),
            Err(_) => {
                reading.broke = true;
                break;
            }
        }
    }
    reading
}
