//! An answer that began before all of its request was sent. A task drives the connection, so that the request is sent
//! even while nobody reads the answer. Without the task, a client that reads only after it has sent everything would
//! wait forever.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http1::Piece;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::SendError;
use tokio::sync::oneshot;

use super::super::sent::Payload;
use super::switched::Stream;
use super::{Connection, Sending};
use crate::error::BoxError;
use crate::request_body::{RequestBody, RequestBodyError};
use crate::upload::Upload;

/// A piece of the answer, or its error. The end of the answer is a piece as well: without it, the answer was broken
/// off.
pub(in crate::client) type Relayed = Result<Piece, BoxError>;

/// The rest of an exchange: what is left of the request and of the answer.
pub(in crate::client) struct Answering<B: Payload> {
    pub(in crate::client) connection: Box<Connection>,
    pub(in crate::client) sending: Sending<B::Data>,
    pub(in crate::client) body: RequestBody<B>,
}

/// The channel to the reader of the answer.
enum Line {
    Full(Permit),
    Free(mpsc::OwnedPermit<Relayed>),
    Closed,
}

type Permit = Pin<Box<dyn Future<Output = Result<mpsc::OwnedPermit<Relayed>, SendError<()>>> + Send>>;

impl<B: Payload> Answering<B> {
    /// Sends the rest of the request and receives the rest of the answer. Stops when the upload is abandoned.
    pub(in crate::client) async fn run(mut self, upload: Upload, frames: mpsc::Sender<Relayed>) {
        let mut line = Line::to(frames);
        let both = poll_fn(|cx| {
            let sent = match self.poll_sending(cx) {
                Poll::Ready(Err(error)) if error.is::<RequestBodyError>() => return Poll::Ready(()),
                // The upstream takes no more of the request, but there may be more of its answer to read.
                Poll::Ready(Err(_)) => {
                    self.sending.give_up();
                    Poll::Ready(())
                }
                sent => sent.map(drop),
            };
            ready!(self.poll_relayed(&mut line, cx));
            sent
        });
        tokio::select! {
            () = both => {}
            () = upload.abandoned() => {}
        }
    }

    /// Sends the rest of the request. Then it hands over the stream, on which the receiver of `hand` speaks the other
    /// protocol.
    pub(in crate::client) async fn switch(mut self, hand: oneshot::Sender<Stream>) {
        if poll_fn(|cx| self.poll_sending(cx)).await.is_ok() {
            let _nobody_may_want_it_any_more = hand.send(self.connection.into_stream());
        }
    }

    fn poll_sending(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.sending.poll(&mut self.body, &mut self.connection.wire, cx)
    }

    fn poll_relayed(&mut self, line: &mut Line, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            *line = match std::mem::replace(line, Line::Closed) {
                Line::Closed => return Poll::Ready(()),
                Line::Full(mut permit) => match permit.as_mut().poll(cx) {
                    Poll::Ready(Ok(free)) => Line::Free(free),
                    Poll::Ready(Err(_)) => Line::Closed,
                    Poll::Pending => {
                        *line = Line::Full(permit);
                        return Poll::Pending;
                    }
                },
                Line::Free(free) => match self.connection.wire.poll_piece(cx) {
                    Poll::Ready(Ok(piece @ (Piece::Data(_) | Piece::Trailers(_)))) => {
                        Line::to(free.send(Ok(piece)))
                    }
                    Poll::Ready(last) => {
                        free.send(last);
                        Line::Closed
                    }
                    Poll::Pending => {
                        *line = Line::Free(free);
                        return Poll::Pending;
                    }
                },
            };
        }
    }
}

impl Line {
    fn to(frames: mpsc::Sender<Relayed>) -> Self {
        Self::Full(Box::pin(frames.reserve_owned()))
    }
}
