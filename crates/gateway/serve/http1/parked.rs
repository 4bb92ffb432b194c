//! A connection that is idle: its stream, and nothing else.

use std::future::poll_fn;
use std::pin::Pin;

use bytes::Bytes;
use tokio::io::ReadBuf;
use tokio::time::{Instant, sleep_until};

use super::super::Limits;
use super::super::shutdown::Begun;
use super::super::stream::OverTcp;

/// A connection without buffers.
pub(super) struct Parked<T> {
    pub(super) stream: T,
    pub(super) idle_since: Instant,
}

/// A connection on which bytes have been received, and no head was read yet.
pub(in super::super) struct Opening<T> {
    pub(in super::super) stream: T,
    pub(in super::super) received: Bytes,
    /// When the time for the head began.
    pub(in super::super) since: Instant,
}

impl<T: OverTcp> Parked<T> {
    /// Waits for the next byte. `None` if the connection has to be closed: the client closed it or sent nothing for too
    /// long, or the shutdown has begun.
    pub(super) async fn until_spoken_to(self, limits: &Limits, begun: &mut Begun) -> Option<Opening<T>> {
        let Self { mut stream, idle_since } = self;
        let idle = idle_since.checked_add(limits.keep_alive_idle);
        let byte = tokio::select! {
            biased;
            byte = read_byte(&mut stream) => byte?,
            () = until(idle) => return None,
            () = begun.wait() => return None,
        };
        Some(Opening { stream, received: Bytes::copy_from_slice(&[byte]), since: Instant::now() })
    }
}

async fn read_byte(stream: &mut impl OverTcp) -> Option<u8> {
    let mut byte = [0];
    let mut room = ReadBuf::new(&mut byte);
    poll_fn(|cx| Pin::new(&mut *stream).poll_read(cx, &mut room)).await.ok()?;
    room.filled().first().copied()
}

/// Waits for a time, or for ever if it can't be told.
async fn until(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}
