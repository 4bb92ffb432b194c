//! The body of an answer.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http1::{BodyLength, Piece};
use tokio::sync::mpsc;

use super::connection::{Connection, Relayed};
use super::multiplexed::Received;
use super::pool::Home;
use crate::error::BoxError;

/// The body of an answer, as a [`Client`](crate::Client) receives it from the upstream.
///
/// Over HTTP/1, reading this body drives the connection. As soon as all of the answer has been received, the
/// connection may take the next request. If the body is dropped before that, the connection is closed. If the answer
/// began before all of its request was sent, a task drives the connection instead, and the connection takes no
/// further request.
///
/// Over HTTP/2, dropping the body before its end resets the stream.
pub struct ClientBody(Source);

enum Source {
    Connection(Box<Connection>, Home),
    /// A task drives the connection, and passes the answer's pieces on.
    Task {
        pieces: mpsc::Receiver<Relayed>,
        left: BodyLength,
    },
    Stream(Received),
    /// The body came in chunks, and all of them have been received. The reader learns only by one more poll that
    /// nothing follows. If it knew before, it would send a length where the upstream sent chunks, and expect no
    /// trailers.
    Chunks,
    /// There is nothing more to read.
    Over,
}

impl ClientBody {
    pub(super) fn received_on(connection: Box<Connection>, home: Home) -> Self {
        let mut body = Self(Source::Connection(connection, home));
        body.give_back_if_received(BodyLength::Empty);
        body
    }

    pub(super) fn relayed(pieces: mpsc::Receiver<Relayed>, left: BodyLength) -> Self {
        Self(Source::Task { pieces, left })
    }

    pub(super) fn of_stream(received: Received) -> Self {
        Self(Source::Stream(received))
    }

    pub(super) fn none() -> Self {
        Self(Source::Over)
    }

    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Result<Piece, BoxError>> {
        match &mut self.0 {
            Source::Connection(connection, _) => {
                let left = connection.wire.left();
                let piece = ready!(connection.wire.poll_piece(cx));
                self.give_back_if_received(left);
                Poll::Ready(piece)
            }
            Source::Task { pieces, left } => {
                let piece = ready!(pieces.poll_recv(cx)).unwrap_or_else(|| Err(BROKEN_OFF.into()));
                if let (Ok(Piece::Data(data)), BodyLength::Exactly(left)) = (&piece, left) {
                    *left = left.saturating_sub(data.len() as u64);
                }
                Poll::Ready(piece)
            }
            Source::Stream(_) | Source::Chunks | Source::Over => Poll::Ready(Ok(Piece::End)),
        }
    }

    /// Gives the connection back if all of the answer has been received. `left` is what was left of the answer before
    /// the last piece.
    fn give_back_if_received(&mut self, left: BodyLength) {
        if !matches!(&self.0, Source::Connection(connection, _) if connection.wire.is_received()) {
            return;
        }
        let rest = if left == BodyLength::Chunked { Source::Chunks } else { Source::Over };
        if let Source::Connection(connection, home) = std::mem::replace(&mut self.0, rest) {
            home.take_back(connection);
        }
    }

    /// What is left of the body, if it comes over HTTP/1.
    fn left(&self) -> BodyLength {
        match &self.0 {
            Source::Connection(connection, _) => connection.wire.left(),
            Source::Task { left, .. } => *left,
            Source::Chunks => BodyLength::Chunked,
            Source::Stream(_) | Source::Over => BodyLength::Empty,
        }
    }
}

const BROKEN_OFF: &str = "the exchange was broken off before the answer's end";

impl Body for ClientBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Source::Stream(body) = &mut self.0 {
            return Pin::new(body).poll_frame(cx);
        }
        let frame = match ready!(self.poll_piece(cx)) {
            Ok(Piece::Data(data)) => Some(Ok(Frame::data(data))),
            Ok(Piece::Trailers(trailers)) => Some(Ok(Frame::trailers(trailers))),
            Ok(Piece::End) => None,
            Err(error) => Some(Err(error)),
        };
        if !matches!(frame, Some(Ok(_))) {
            self.0 = Source::Over;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Source::Stream(body) => body.is_end_stream(),
            _ => matches!(self.left(), BodyLength::Empty | BodyLength::Exactly(0)),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Source::Stream(body) => body.size_hint(),
            _ => match self.left() {
                BodyLength::Empty => SizeHint::with_exact(0),
                BodyLength::Exactly(left) => SizeHint::with_exact(left),
                BodyLength::Chunked | BodyLength::UntilClose => SizeHint::default(),
            },
        }
    }
}

impl fmt::Debug for ClientBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = match self.0 {
            Source::Connection(..) => "an HTTP/1 connection",
            Source::Task { .. } => "a task",
            Source::Stream(_) => "an HTTP/2 stream",
            Source::Chunks | Source::Over => "nothing more",
        };
        f.debug_struct("ClientBody").field("source", &source).finish()
    }
}
