//! An answer's body, as it is received on its stream.

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

/// What each field counts in addition to its name and value, in bytes (RFC 9113 §6.5.2).
const FIELD_OVERHEAD: usize = 32;

/// The error if the stream ended before the answer was complete.
const CUT_OFF: &str = "the upstream broke off the answer";

/// The body of an answer. If it is dropped before its end, the stream is reset.
pub(in crate::client) struct Received {
    stream: RecvStream,
    /// How many bytes of content are left, if the head told.
    left: Option<u64>,
    is_all_data: bool,
    limits: AnswerLimits,
    _occupancy: Occupancy,
}

/// Keeps a request's place on its connection until it is dropped.
pub(super) enum Occupancy {
    Own {
        _occupied: Occupied,
    },
    /// The place is kept until both the answer and the rest of the request are over.
    Shared {
        _occupied: Arc<Occupied>,
    },
}

impl Occupancy {
    pub(super) fn own(occupied: Occupied) -> Self {
        Self::Own { _occupied: occupied }
    }

    /// Two that keep one place: for the answer, and for the rest of the request.
    pub(super) fn shared(occupied: Occupied) -> (Self, Self) {
        let occupied = Arc::new(occupied);
        (Self::Shared { _occupied: Arc::clone(&occupied) }, Self::Shared { _occupied: occupied })
    }
}

impl Received {
    /// Begins an answer, whose head has been received.
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
                // This fails only if the stream is gone, which the next poll reports.
                let _ = self.stream.flow_control().release_capacity(data.len());
                self.left = self.left.map(|left| left.saturating_sub(data.len() as u64));
            }
            Some(Err(_)) => {}
            None => self.is_all_data = true,
        }
        Poll::Ready(data)
    }
}

/// Checks the fields of a head or of trailers, which have the same limits. If they are over a limit, the request fails,
/// but the connection goes on.
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

/// The error for a stream that ended before its answer was complete. A reset with NO_ERROR (RFC 9113 §8.1) becomes an
/// error of our own: otherwise the client would take half an answer for a whole one.
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
