//! Interim (1xx) answers of a stream.

use std::task::{Context, Poll, ready};

use h2::server::SendResponse;
use http::{HeaderMap, Response, StatusCode};
use tracing::debug;

use super::go_on::HeldBack;
use super::piece::Piece;
use crate::serve::interim::Interims;

/// How much is sent before an answer, at most. h2 keeps what the client doesn't read, and doesn't tell when it has been
/// written.
const MOST: usize = 64 * 1024;
/// What h2 needs for a head without fields, roughly.
const HEAD: usize = 256;
/// What it needs for a field beside its bytes.
const FIELD: usize = 32;

/// Passes interim answers on to h2, up to a limit.
#[derive(Debug)]
pub(super) struct Interim {
    interims: Interims,
    room: usize,
    /// The client's body, until the client has been told to go on.
    held_back: Option<HeldBack>,
}

impl Interim {
    pub(super) fn new(interims: Interims, held_back: Option<HeldBack>) -> Self {
        Self { interims, room: MOST, held_back }
    }

    /// Passes on an interim answer, if there is one. Ready if there was: the app has to be polled then. Once there were
    /// too many, they are dropped.
    pub(super) fn poll_pass_on(
        &mut self,
        respond: &mut SendResponse<Piece>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        if let Some(held_back) = &mut self.held_back
            && held_back.poll_wanted(cx).is_ready()
        {
            self.go_on(respond);
            return Poll::Ready(());
        }
        let interim = ready!(self.interims.poll_next(cx));
        if interim.status() == StatusCode::CONTINUE {
            self.go_on(respond);
            return Poll::Ready(());
        }
        self.room = self.room.saturating_sub(size(interim.headers()));
        if self.room > 0 {
            Self::send(interim, respond);
        }
        Poll::Ready(())
    }

    /// Tells a client that waits to send its body, once.
    fn go_on(&mut self, respond: &mut SendResponse<Piece>) {
        if self.held_back.take().is_some() {
            let mut go_on = Response::new(());
            *go_on.status_mut() = StatusCode::CONTINUE;
            Self::send(go_on, respond);
        }
    }

    #[cold]
    fn send(interim: Response<()>, respond: &mut SendResponse<Piece>) {
        if let Err(error) = respond.send_informational(interim) {
            debug!(%error, "an interim answer can't be sent");
        }
    }
}

fn size(headers: &HeaderMap) -> usize {
    let fields = headers.iter().map(|(name, value)| FIELD + name.as_str().len() + value.len());
    HEAD + fields.sum::<usize>()
}
