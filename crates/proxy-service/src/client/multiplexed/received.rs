//! An answer's body, as it comes out of its stream.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use h2::{Reason, RecvStream};
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, Response};
use http_body::{Body, Frame, SizeHint};

use super::super::answers::{AnswerLimits, TOO_LARGE, TOO_MANY_FIELDS};
use super::super::error::Diagnosis;
use super::load::Occupied;
use crate::error::BoxError;

/// What a field counts beside its name and value (RFC 9113 §6.5.2).
const FIELD_OVERHEAD: usize = 32;

/// The stream was reset before the end of the answer.
const CUT_OFF: &str = "the upstream broke off the answer";

/// The body of an answer; dropped before its end, it resets the stream.
pub(in crate::client) struct Received {
    stream: RecvStream,
    /// As far as the head has told.
    left: Option<u64>,
    is_all_data: bool,
    limits: AnswerLimits,
    _occupancy: Occupancy,
}

/// Keeps a request's place on its connection.
pub(super) enum Occupancy {
    Own {
        _occupied: Occupied,
    },
    /// Until both the answer and the rest of the request are over.
    Shared {
        _occupied: Arc<Occupied>,
    },
}

impl Occupancy {
    pub(super) fn own(occupied: Occupied) -> Self {
        Self::Own { _occupied: occupied }
    }

    /// One each for the answer and for the rest of the request.
    pub(super) fn shared(occupied: Occupied) -> (Self, Self) {
        let occupied = Arc::new(occupied);
        (Self::Shared { _occupied: Arc::clone(&occupied) }, Self::Shared { _occupied: occupied })
    }
}

impl Received {
    /// An answer whose head is there.
    pub(super) fn begin(
        answer: Response<RecvStream>,
        limits: AnswerLimits,
        occupancy: Occupancy,
    ) -> Response<Self> {
        let said = answer.headers().get(CONTENT_LENGTH);
        let said = said.and_then(|length| length.to_str().ok()?.parse().ok());
        answer.map(|stream| {
            let left = said.or(stream.is_end_stream().then_some(0));
            Self { stream, left, is_all_data: false, limits, _occupancy: occupancy }
        })
    }

    fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, h2::Error>>> {
        if self.is_all_data {
            return Poll::Ready(None);
        }
        let data = ready!(self.stream.poll_data(cx));
        match &data {
            Some(Ok(data)) => {
                // Fails when the stream is gone, which the next poll says better.
                let _ = self.stream.flow_control().release_capacity(data.len());
                self.left = self.left.map(|left| left.saturating_sub(data.len() as u64));
            }
            Some(Err(_)) => {}
            None => self.is_all_data = true,
        }
        Poll::Ready(data)
    }
}

/// Fields that are more than this are no reason to end the connection, but nobody wants them passed on. Trailers have the same
/// limits as a head.
pub(super) fn check_size(fields: &HeaderMap, limits: AnswerLimits) -> Result<(), Diagnosis> {
    let size_of = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        name.as_str().len() + value.len() + FIELD_OVERHEAD
    };
    if fields.len() > limits.fields {
        Err(TOO_MANY_FIELDS)
    } else if fields.iter().map(size_of).sum::<usize>() > limits.section {
        Err(TOO_LARGE)
    } else {
        Ok(())
    }
}

/// What a stream's end means for an answer that isn't at its own. A reset without an error (RFC 9113 §8.1) isn't passed on as
/// such: the client would take half an answer for a whole one.
fn broken(error: h2::Error) -> BoxError {
    if error.reason() == Some(Reason::NO_ERROR) { CUT_OFF.into() } else { error.into() }
}

impl Body for Received {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Some(data) = ready!(self.poll_data(cx)) {
            return Poll::Ready(Some(data.map(Frame::data).map_err(broken)));
        }
        Poll::Ready(match ready!(self.stream.poll_trailers(cx)) {
            Ok(Some(trailers)) => Some(
                check_size(&trailers, self.limits).map(|()| Frame::trailers(trailers)).map_err(Into::into),
            ),
            Ok(None) if self.stream.is_end_stream() => None,
            Ok(None) => Some(Err(CUT_OFF.into())),
            Err(error) => Some(Err(broken(error))),
        })
    }

    fn is_end_stream(&self) -> bool {
        self.stream.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
