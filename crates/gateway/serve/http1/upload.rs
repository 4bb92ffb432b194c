//! The body of a request on its way from the connection to the app.

use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use http_body::{Body, Frame, SizeHint};
use http1::{BodyLength, Fault, Piece};

use super::super::handoff::{Giver, Taker, handoff};
use super::super::stream::OverSocket;
use super::wire::Wire;

/// A piece of the body, or why there is none.
#[derive(Debug)]
pub(in super::super) struct Passed {
    piece: Result<Piece, Fault>,
    then: Then,
}

/// What comes after a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    More,
    Nothing,
}

/// The connection's end: it reads the body from the wire when the app asks for it.
#[derive(Debug)]
pub(super) enum Feed {
    /// Nothing is left that the app could ask for.
    Over,
    Passing(Giver<Passed>),
}

/// The app's end.
#[derive(Debug)]
pub(in super::super) enum Upload {
    Empty,
    /// A body that was received together with its head.
    Whole(Bytes),
    Pieces {
        pieces: Taker<Passed>,
        left: BodyLength,
    },
}

impl Feed {
    /// Both ends of the body of the request whose head has just been read.
    pub(super) fn of(wire: &mut Wire<impl OverSocket>) -> (Self, Upload) {
        let left = wire.codec().body();
        if left == BodyLength::Empty {
            return (Self::Over, Upload::Empty);
        }
        if let Some(whole) = wire.take_whole_body() {
            return (Self::Over, Upload::Whole(whole));
        }
        let (giver, pieces) = handoff();
        (Self::Passing(giver), Upload::Pieces { pieces, left })
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(self, Self::Over)
    }

    /// Notes that the app has dropped its end, if it has.
    pub(super) fn note_dropped(&mut self) {
        if let Self::Passing(giver) = self
            && giver.is_gone()
        {
            *self = Self::Over;
        }
    }

    /// Passes the next piece on, if the app waits for it. Ready if it was passed on: the app has to be polled then.
    pub(super) fn poll_pass_on(
        &mut self,
        wire: &mut Wire<impl OverSocket>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        let Self::Passing(giver) = self else { return Poll::Pending };
        if ready!(giver.poll_wanted(cx)).is_err() {
            *self = Self::Over;
            return Poll::Pending;
        }
        if wire.awaits_continue() {
            // It fails only if the response has begun. Then the client sends its body without it, or not at all.
            let _ = wire.send_interim(StatusCode::CONTINUE, &HeaderMap::new());
        }
        let piece = ready!(wire.poll_piece(cx));
        let then = if piece.is_err() || wire.codec().is_received() { Then::Nothing } else { Then::More };
        // The app has asked for it. If it doesn't want it any more, nobody does.
        let _ = giver.give(Passed { piece, then }, cx);
        if then == Then::Nothing
            && let Self::Passing(giver) = std::mem::replace(self, Self::Over)
        {
            giver.end(cx);
        }
        Poll::Ready(())
    }
}

impl Upload {
    /// A body of which all is there.
    pub(in super::super) fn received(content: Bytes, length: BodyLength) -> Self {
        match length {
            BodyLength::Empty => Self::Empty,
            BodyLength::Exactly(_) => Self::Whole(content),
            BodyLength::Chunked | BodyLength::UntilClose => {
                let (giver, pieces) = handoff();
                let cx = Context::from_waker(Waker::noop());
                let piece = if content.is_empty() { Piece::End } else { Piece::Data(content) };
                // Nobody has dropped the other end, which is here.
                let _ = giver.give(Passed { piece: Ok(piece), then: Then::Nothing }, &cx);
                giver.end(&cx);
                Self::Pieces { pieces, left: length }
            }
        }
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = Fault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Fault>>> {
        let (pieces, left) = match &mut *self {
            Self::Empty => return Poll::Ready(None),
            Self::Whole(bytes) => {
                let data = std::mem::take(bytes);
                *self = Self::Empty;
                return Poll::Ready(Some(Ok(Frame::data(data))));
            }
            Self::Pieces { pieces, left } => (pieces, left),
        };
        // Without a piece, the connection has ended.
        let Passed { piece, then } = ready!(pieces.poll_take(cx))
            .unwrap_or(Passed { piece: Err(Fault::CutBody), then: Then::Nothing });
        if let (BodyLength::Exactly(left), Ok(Piece::Data(data))) = (left, &piece) {
            *left = left.saturating_sub(data.len() as u64);
        }
        if then == Then::Nothing {
            *self = Self::Empty;
        }
        Poll::Ready(match piece {
            Ok(Piece::Data(data)) => Some(Ok(Frame::data(data))),
            Ok(Piece::Trailers(trailers)) => Some(Ok(Frame::trailers(trailers))),
            Ok(Piece::End) => None,
            Err(fault) => Some(Err(fault)),
        })
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Empty)
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty => SizeHint::with_exact(0),
            Self::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Pieces { left: BodyLength::Exactly(left), .. } => SizeHint::with_exact(*left),
            Self::Pieces { .. } => SizeHint::new(),
        }
    }
}
