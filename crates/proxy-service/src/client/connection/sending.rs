//! A request's body on its way.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Buf;
use http_body::{Body, Frame};
use http1::BodySize;

use super::super::sent::Payload;
use super::wire::{Framed, Place, Wire};
use crate::error::BoxError;
use crate::request_body::{RequestBody, RequestData};

/// What has become of a request's body.
pub(in crate::client) struct Sending<D> {
    piece: Option<Framed<RequestData<D>>>,
    is_touched: bool,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Asked,
    /// There is no more of it to be asked for.
    Framed,
    Written,
}

/// How long a body is, as far as it says so itself.
pub(super) fn size_of(body: &impl Body) -> BodySize {
    match body.size_hint().exact() {
        _ if body.is_end_stream() => BodySize::None,
        Some(length) => BodySize::Exactly(length),
        None => BodySize::Unknown,
    }
}

impl<D: Buf> Sending<D> {
    pub(super) fn new(size: BodySize) -> Self {
        let stage = if size == BodySize::None { Stage::Framed } else { Stage::Asked };
        Self { piece: None, is_touched: false, stage }
    }

    /// Whether all of the request has been written.
    pub(in crate::client) fn is_over(&self) -> bool {
        self.stage == Stage::Written
    }

    /// Writes the request's head and then its body, until all of it is written.
    ///
    /// # Errors
    /// Those of the connection, and the body's own.
    pub(super) fn poll<B: Payload<Data = D>>(
        &mut self,
        body: &mut RequestBody<B>,
        wire: &mut Wire,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), BoxError>> {
        while self.stage != Stage::Written {
            // First, so that a head and the beginning of its body are written at once.
            let framed = match self.wants_more() {
                true => self.poll_piece(body, wire, cx)?,
                false => Poll::Ready(()),
            };
            ready!(wire.poll_write(&mut self.piece, cx))?;
            if self.stage == Stage::Framed {
                self.stage = Stage::Written;
            }
            ready!(framed);
        }
        Poll::Ready(Ok(()))
    }

    /// Whether nothing of the body has been asked for.
    pub(super) fn is_untouched(&self) -> bool {
        !self.is_touched
    }

    /// The upstream takes no more of it.
    pub(super) fn give_up(&mut self) {
        self.stage = Stage::Written;
    }

    fn wants_more(&self) -> bool {
        self.piece.is_none() && self.stage == Stage::Asked
    }

    fn poll_piece<B: Payload<Data = D>>(
        &mut self,
        body: &mut RequestBody<B>,
        wire: &mut Wire,
        cx: &mut Context<'_>,
    ) -> Result<Poll<()>, BoxError> {
        self.is_touched = true;
        let Poll::Ready(frame) = Pin::new(&mut *body).poll_frame(cx) else { return Ok(Poll::Pending) };
        match frame.transpose()?.map(Frame::into_data) {
            Some(Ok(data)) if !data.has_remaining() => return Ok(Poll::Ready(())),
            Some(Ok(data)) => {
                let place = if body.is_end_stream() { Place::Last } else { Place::Within };
                self.piece = Some(wire.frame(data, place)?);
            }
            Some(Err(frame)) => {
                if let Ok(trailers) = frame.into_trailers() {
                    wire.end_with(&trailers)?;
                }
            }
            None => wire.end()?,
        }
        if wire.is_sent() {
            body.note_sent();
            self.stage = Stage::Framed;
        }
        Ok(Poll::Ready(()))
    }
}
