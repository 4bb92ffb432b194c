//! Sends the body of a request.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Buf;
use http_body::{Body, Frame};
use http1::{BodySize, Framed};

use super::super::sent::Payload;
use super::super::steps;
use super::wire::{Place, Wire};
use crate::error::BoxError;
use crate::request_body::{RequestBody, RequestData};

/// How far the body of a request has been sent.
pub(in crate::client) struct Sending<D> {
    piece: Option<Framed<RequestData<D>>>,
    is_touched: bool,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Asked,
    /// The whole body has been taken and framed, but not all of it is written.
    Framed,
    Written,
}

impl<D: Buf> Sending<D> {
    pub(super) fn new(size: BodySize) -> Self {
        let stage = if size == BodySize::None { Stage::Framed } else { Stage::Asked };
        Self { piece: None, is_touched: false, stage }
    }

    /// Whether the whole request has been written, or the rest of it was given up.
    pub(in crate::client) fn is_over(&self) -> bool {
        self.stage == Stage::Written
    }

    /// Writes the head of the request and then its body, until all of it is written.
    ///
    /// # Errors
    /// If the connection or the body fails.
    pub(super) fn poll<B: Payload<Data = D>>(
        &mut self,
        body: &mut RequestBody<B>,
        wire: &mut Wire,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), BoxError>> {
        while self.stage != Stage::Written {
            // The body is polled first, so that the head and the beginning of the body are written together.
            let framed = match self.wants_more() {
                true => self.poll_piece(body, wire, cx)?,
                false => Poll::Ready(()),
            };
            ready!(wire.poll_write(&mut self.piece, cx))?;
            if self.stage == Stage::Framed {
                self.stage = Stage::Written;
                steps::note_sent();
            }
            ready!(framed);
        }
        Poll::Ready(Ok(()))
    }

    /// Whether the body has not been polled yet.
    pub(super) fn is_untouched(&self) -> bool {
        !self.is_touched
    }

    /// Gives up the rest of the body, because the upstream takes no more of it.
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
