//! Sends an answer's body on its stream.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes};
use h2::{Reason, SendStream};
use http_body::{Body, Frame};
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep};
use tower::BoxError;
use tracing::debug;

use super::activity::Resetter;
use super::piece::{MarkGone, Piece};
use super::stall::Stall;

/// How much of a body is given to h2 at once, in bytes.
pub(super) const AT_ONCE: usize = 64 * 1024;

pin_project! {
    /// Sends a body as the stream's window allows. h2 gets no more than there is room for, so what waits for the client
    /// waits here, where its time is counted.
    pub(super) struct Sending<B> {
        #[pin]
        body: B,
        line: Line,
    }
}

/// The stream, and what has to be done on it before the body is asked for more.
struct Line {
    stream: SendStream<Piece>,
    waiting: Option<Waiting>,
    stall: Stall,
    patience: Duration,
    broken: Option<Box<Broken>>,
}

/// Data for which there is no room yet.
struct Waiting {
    data: Bytes,
    is_last: bool,
}

/// A body that failed. When a stream is reset, h2 drops the frames that aren't written yet. That may be the whole
/// answer, even its head; a client may then send its request again, even a POST. So the reset waits for a mark.
struct Broken {
    reason: Reason,
    mark_gone: MarkGone,
    patience: Pin<Box<Sleep>>,
}

/// Whether there is more to do for a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    More,
    Nothing,
    /// Nothing, as the stream was reset.
    Reset,
}

impl<B: Body<Error: Into<BoxError>>> Sending<B> {
    /// `patience` is how long the client may leave no room.
    pub(super) fn new(body: B, stream: SendStream<Piece>, patience: Duration) -> Self {
        let stall = Stall::new(patience);
        Self { body, line: Line { stream, waiting: None, stall, patience, broken: None } }
    }
}

impl<B: Body<Error: Into<BoxError>>> Future for Sending<B> {
    type Output = Option<Resetter>;

    /// Ready when there is nothing left to do. The answer need not be complete then. Says who has reset the stream, if
    /// somebody has.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Resetter>> {
        let mut this = self.project();
        loop {
            if this.line.stream.poll_reset(cx).is_ready() {
                return Poll::Ready(Some(Resetter::Client));
            }
            match ready!(this.line.poll_done(cx)) {
                Next::More => {}
                Next::Nothing => return Poll::Ready(None),
                Next::Reset => return Poll::Ready(Some(Resetter::Gateway)),
            }
            let next = match ready!(this.body.as_mut().poll_frame(cx)) {
                Some(Ok(frame)) => {
                    let is_last = this.body.is_end_stream();
                    this.line.put(frame, is_last)
                }
                Some(Err(error)) => this.line.break_off(&*error.into()),
                None => this.line.send(Bytes::new(), true),
            };
            if next == Next::Nothing {
                return Poll::Ready(None);
            }
        }
    }
}

impl Line {
    /// Does what has to be done before the body is asked for more.
    fn poll_done(&mut self, cx: &mut Context<'_>) -> Poll<Next> {
        if let Some(broken) = &mut self.broken {
            ready!(broken.poll_delivered(cx));
            self.stream.send_reset(broken.reason);
            return Poll::Ready(Next::Reset);
        }
        while let Some(waiting) = &mut self.waiting {
            let room = match poll_room(&mut self.stream, cx) {
                Poll::Ready(Some(room)) => room,
                Poll::Ready(None) => return Poll::Ready(Next::Nothing),
                Poll::Pending => {
                    ready!(self.stall.poll_too_long(&mut self.stream, cx));
                    debug!("a client left no room for an answer: the stream is reset");
                    self.stream.send_reset(Reason::CANCEL);
                    return Poll::Ready(Next::Reset);
                }
            };
            self.stall.end();
            let fits = waiting.data.split_to(room.min(waiting.data.len()));
            let is_all = waiting.data.is_empty();
            let is_last = is_all && waiting.is_last;
            let rest = waiting.data.len();
            if is_all {
                self.waiting = None;
            }
            if self.send(fits, is_last) == Next::Nothing {
                return Poll::Ready(Next::Nothing);
            }
            self.stream.reserve_capacity(rest.min(AT_ONCE));
        }
        Poll::Ready(Next::More)
    }

    fn put<D: Buf>(&mut self, frame: Frame<D>, is_last: bool) -> Next {
        let frame = match frame.into_data() {
            Ok(mut data) => {
                let data = data.copy_to_bytes(data.remaining());
                if data.is_empty() {
                    return self.send(data, is_last);
                }
                self.stream.reserve_capacity(data.len().min(AT_ONCE));
                self.waiting = Some(Waiting { data, is_last });
                return Next::More;
            }
            Err(frame) => frame,
        };
        match frame.into_trailers() {
            Ok(trailers) => {
                // This fails only if the stream has ended.
                let _ = self.stream.send_trailers(trailers);
                Next::Nothing
            }
            Err(_) => Next::More,
        }
    }

    fn send(&mut self, data: Bytes, is_last: bool) -> Next {
        match self.stream.send_data(Piece::Data(data), is_last) {
            Ok(()) if !is_last => Next::More,
            Ok(()) | Err(_) => Next::Nothing,
        }
    }

    fn break_off(&mut self, error: &(dyn std::error::Error + 'static)) -> Next {
        debug!(%error, "an answer's body failed");
        let (mark, mark_gone) = Piece::mark();
        if self.stream.send_data(mark, false).is_err() {
            return Next::Nothing;
        }
        let patience = Box::pin(sleep(self.patience));
        self.broken = Some(Box::new(Broken { reason: reason(error), mark_gone, patience }));
        Next::More
    }
}

impl Broken {
    fn poll_delivered(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.mark_gone.poll(cx).is_ready() { Poll::Ready(()) } else { self.patience.as_mut().poll(cx) }
    }
}

/// How many bytes there is room for, if there is any. `None` if the stream has ended.
pub(super) fn poll_room(stream: &mut SendStream<Piece>, cx: &mut Context<'_>) -> Poll<Option<usize>> {
    while stream.capacity() == 0 {
        match ready!(stream.poll_capacity(cx)) {
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return Poll::Ready(None),
        }
    }
    Poll::Ready(Some(stream.capacity()))
}

/// The reason that the upstream gave, if it is an HTTP/2 stream that broke off.
fn reason(error: &(dyn std::error::Error + 'static)) -> Reason {
    let mut next = Some(error);
    while let Some(link) = next {
        if let Some(reason) = link.downcast_ref::<h2::Error>().and_then(h2::Error::reason) {
            return reason;
        }
        next = link.source();
    }
    Reason::INTERNAL_ERROR
}
