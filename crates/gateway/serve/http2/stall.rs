//! A client that doesn't open the window of a stream.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use h2::SendStream;
use tokio::time::{Instant, Sleep, sleep};

use super::piece::{MarkGone, Piece};

/// How long an answer has waited for room in its stream's window. Half of the patience is for the socket, which may be
/// slow. The other half is for the client, which has to read what was written before it opens the window.
#[derive(Debug)]
pub(super) struct Stall {
    patience: Duration,
    stage: Stage,
    /// It is kept from one wait to the next, since an answer may have many.
    timer: Option<Pin<Box<Sleep>>>,
}

#[derive(Debug)]
enum Stage {
    /// There is room.
    Over,
    /// There has been no room yet. What was sent before may still be on its way to the socket.
    Begun,
    /// A mark was sent behind that.
    Marked(MarkGone),
    /// All that there was room for is written.
    Shut,
}

impl Stall {
    pub(super) fn new(patience: Duration) -> Self {
        Self { patience, stage: Stage::Over, timer: None }
    }

    /// Notes that there is room.
    pub(super) fn end(&mut self) {
        self.stage = Stage::Over;
    }

    /// Ready when the client has had enough time. It is called while there is no room.
    pub(super) fn poll_too_long(&mut self, stream: &mut SendStream<Piece>, cx: &mut Context<'_>) -> Poll<()> {
        let half = self.patience / 2;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(half)));
        loop {
            self.stage = match &mut self.stage {
                Stage::Over => {
                    timer.as_mut().reset(after(half));
                    Stage::Begun
                }
                Stage::Begun => {
                    ready!(timer.as_mut().poll(cx));
                    let (mark, gone) = Piece::mark();
                    // An empty frame needs no room. This fails only if the stream has ended.
                    if stream.send_data(mark, false).is_err() {
                        return Poll::Ready(());
                    }
                    timer.as_mut().reset(after(self.patience));
                    Stage::Marked(gone)
                }
                Stage::Marked(gone) => {
                    if gone.poll(cx).is_pending() {
                        // If the client has shrunk the window, the mark is never written.
                        return timer.as_mut().poll(cx);
                    }
                    timer.as_mut().reset(after(half));
                    Stage::Shut
                }
                Stage::Shut => return timer.as_mut().poll(cx),
            };
        }
    }
}

/// The time after so long. `Duration::MAX` is never.
fn after(time: Duration) -> Instant {
    const NEVER: Duration = Duration::from_secs(86_400 * 365 * 30);
    Instant::now() + time.min(NEVER)
}
