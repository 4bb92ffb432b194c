//! One direction of a tunnel.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::coop::poll_proceed;

use super::frames::Frames;
use super::goodbye::Goodbye;

/// How much is read at a time, in bytes.
const AT_ONCE: usize = 8 * 1024;

/// Passes bytes from one end to the other, and then the end of them.
pub(super) struct Way {
    waiting: Waiting,
    stage: Stage,
    /// The frames of what was passed on, if it is a WebSocket's.
    frames: Option<Frames>,
    is_unflushed: bool,
    has_read: bool,
}

#[derive(Clone, Copy)]
enum Stage {
    Passing,
    /// The frame that has begun is passed on, and this goes behind it.
    Finishing(Goodbye),
    SayingGoodbye(Goodbye),
    /// Nothing more is passed on. The sender's own Close is awaited.
    AwaitingClose,
    /// The sender's end is passed on.
    Ending,
    Done,
}

impl Way {
    pub(super) fn new(frames: Option<Frames>) -> Self {
        Self { waiting: Waiting::new(), stage: Stage::Passing, frames, is_unflushed: false, has_read: false }
    }

    /// Whether the sender has closed its side of the WebSocket.
    pub(super) fn has_closed(&self) -> bool {
        self.frames.is_some_and(|frames| frames.have_closed())
    }

    /// Whether anything was read since this was asked last.
    pub(super) fn take_has_read(&mut self) -> bool {
        std::mem::take(&mut self.has_read)
    }

    /// From the next end of a frame on, `goodbye` is all that the receiver gets.
    pub(super) fn end_with(&mut self, goodbye: Goodbye) {
        if let Stage::Passing = self.stage {
            self.stage = Stage::Finishing(goodbye);
        }
    }

    /// Ready when this direction has ended.
    pub(super) fn poll(
        &mut self,
        from: &mut (impl AsyncRead + Unpin),
        to: &mut (impl AsyncWrite + Unpin),
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            ready!(self.poll_write(to, cx))?;
            match self.stage {
                Stage::Ending => {
                    ready!(Pin::new(&mut *to).poll_shutdown(cx))?;
                    self.stage = Stage::Done;
                }
                Stage::Done => return Poll::Ready(Ok(())),
                _ => {}
            }
            let progress = ready!(poll_proceed(cx));
            match self.waiting.poll_fill(from, cx)? {
                Poll::Ready(()) => progress.made_progress(),
                Poll::Pending => {
                    if self.is_unflushed {
                        ready!(Pin::new(&mut *to).poll_flush(cx))?;
                        self.is_unflushed = false;
                    }
                    return Poll::Pending;
                }
            }
            self.has_read = true;
            if self.waiting.bytes().is_empty() {
                self.stage = if let Stage::AwaitingClose = self.stage { Stage::Done } else { Stage::Ending };
            }
        }
    }

    /// Writes what is to be written now. Ready when that is done.
    fn poll_write(
        &mut self,
        to: &mut (impl AsyncWrite + Unpin),
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            let due = match (&self.stage, &mut self.frames) {
                (Stage::Finishing(goodbye), Some(frames)) if frames.are_whole() => {
                    self.stage = Stage::SayingGoodbye(*goodbye);
                    continue;
                }
                (Stage::SayingGoodbye(goodbye), _) if goodbye.left().is_empty() => {
                    self.stage = Stage::AwaitingClose;
                    continue;
                }
                (Stage::AwaitingClose, Some(frames)) => {
                    frames.follow(self.waiting.bytes());
                    self.waiting.clear();
                    if frames.have_closed() {
                        self.stage = Stage::Done;
                    }
                    return Poll::Ready(Ok(()));
                }
                (Stage::Finishing(_), Some(frames)) => {
                    let rest = frames.rest_of_one(self.waiting.bytes());
                    self.waiting.bytes().get(..rest).unwrap_or_default()
                }
                (Stage::SayingGoodbye(goodbye), _) => goodbye.left(),
                _ => self.waiting.bytes(),
            };
            if due.is_empty() {
                return Poll::Ready(Ok(()));
            }
            let count = ready!(Pin::new(&mut *to).poll_write(cx, due))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.is_unflushed = true;
            self.written(count);
        }
    }

    fn written(&mut self, count: usize) {
        if let Stage::SayingGoodbye(goodbye) = &mut self.stage {
            goodbye.advance(count);
            return;
        }
        if let Some(frames) = &mut self.frames {
            frames.follow(self.waiting.bytes().get(..count).unwrap_or_default());
        }
        self.waiting.advance(count);
    }
}

/// Bytes that were read and wait to be written.
struct Waiting {
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
}

impl Waiting {
    fn new() -> Self {
        Self { buffer: vec![0; AT_ONCE].into_boxed_slice(), start: 0, end: 0 }
    }

    fn bytes(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    fn advance(&mut self, count: usize) {
        self.start += count;
    }

    fn clear(&mut self) {
        (self.start, self.end) = (0, 0);
    }

    /// Reads anew. There are no bytes then if the stream has ended.
    fn poll_fill(
        &mut self,
        from: &mut (impl AsyncRead + Unpin),
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        let mut buffer = ReadBuf::new(&mut self.buffer);
        ready!(Pin::new(from).poll_read(cx, &mut buffer))?;
        (self.start, self.end) = (0, buffer.filled().len());
        Poll::Ready(Ok(()))
    }
}
