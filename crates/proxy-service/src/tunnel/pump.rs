//! Both directions of a tunnel.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, Sleep, sleep_until};

use super::frames::Frames;
use super::goodbye::Goodbye;
use super::way::Way;
use crate::idle::after;

/// What is spoken in a tunnel, as far as the gateway says anything itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spoken {
    WebSocket,
    Other,
}

/// Copies bytes between the two ends of a tunnel.
pub(super) struct Pump<C, U> {
    client: C,
    upstream: U,
    up: Way,
    down: Way,
    spoken: Spoken,
}

impl<C, U> Pump<C, U>
where
    C: AsyncRead + AsyncWrite + Unpin,
    U: AsyncRead + AsyncWrite + Unpin,
{
    pub(super) fn new(client: C, upstream: U, spoken: Spoken) -> Self {
        let way = || Way::new((spoken == Spoken::WebSocket).then(Frames::new));
        Self { client, upstream, up: way(), down: way(), spoken }
    }

    /// Passes on what comes until both directions have ended, and `None` if nothing came for `idle`.
    pub(super) async fn pass(&mut self, idle: Duration) -> Option<io::Result<()>> {
        let mut silence = Silence::new(idle);
        poll_fn(|cx| {
            let up = self.up.poll(&mut self.client, &mut self.upstream, cx)?;
            let down = self.down.poll(&mut self.upstream, &mut self.client, cx)?;
            if up.is_ready() && down.is_ready() {
                return Poll::Ready(Some(Ok(())));
            }
            if self.up.take_has_read() | self.down.take_has_read() {
                silence.begin_anew();
            }
            silence.poll_too_long(cx).map(|()| None)
        })
        .await
    }

    /// Ends a WebSocket with a Close frame to both sides, and waits for theirs. If one of them has closed already, the
    /// rest is left to them. Then both connections are closed, and so are those of any other tunnel.
    pub(super) async fn say_goodbye(&mut self) {
        if self.spoken == Spoken::WebSocket {
            if !self.up.has_closed() && !self.down.has_closed() {
                self.up.end_with(Goodbye::to_upstream());
                self.down.end_with(Goodbye::to_client());
            }
            poll_fn(|cx| {
                // If one direction fails, the other still has to say goodbye.
                let up = self.up.poll(&mut self.client, &mut self.upstream, cx);
                let down = self.down.poll(&mut self.upstream, &mut self.client, cx);
                if up.is_ready() && down.is_ready() { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
        }
        poll_fn(|cx| {
            let client = Pin::new(&mut self.client).poll_shutdown(cx);
            let upstream = Pin::new(&mut self.upstream).poll_shutdown(cx);
            if client.is_ready() && upstream.is_ready() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

/// The time in which nothing was read. The timer is set anew only when it has fired, since most tunnels are busy or
/// silent for long.
struct Silence {
    limit: Duration,
    until: Instant,
    timer: Pin<Box<Sleep>>,
}

impl Silence {
    fn new(limit: Duration) -> Self {
        let until = after(limit);
        Self { limit, until, timer: Box::pin(sleep_until(until)) }
    }

    fn begin_anew(&mut self) {
        self.until = after(self.limit);
    }

    fn poll_too_long(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            ready!(self.timer.as_mut().poll(cx));
            if self.timer.deadline() >= self.until {
                return Poll::Ready(());
            }
            self.timer.as_mut().reset(self.until);
        }
    }
}
