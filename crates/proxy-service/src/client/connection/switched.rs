//! The stream of a connection on which another protocol is spoken after a 101.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use crossbeam_utils::atomic::AtomicCell;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::oneshot;

use super::super::dial::Transport;
use super::super::pool::Leased;
use crate::error::BoxError;

/// A response extension of a 101: the upstream's half of the tunnel. It is there once all of the request is sent.
#[derive(Clone)]
pub(crate) struct Switched(Arc<AtomicCell<Option<Box<Awaited>>>>);

type Awaited = oneshot::Receiver<Stream>;

impl Switched {
    pub(in crate::client) fn new() -> (oneshot::Sender<Stream>, Self) {
        let (hand, awaited) = oneshot::channel();
        (hand, Self(Arc::new(AtomicCell::new(Some(Box::new(awaited))))))
    }

    /// Waits for the upstream's half of the tunnel.
    ///
    /// # Errors
    /// If the rest of the request couldn't be sent, or if another clone has taken the stream.
    pub(crate) async fn stream(self) -> Result<Stream, BoxError> {
        let awaited = self.0.take().ok_or("the stream was taken already")?;
        Ok(awaited.await?)
    }
}

/// The upstream's half of a tunnel.
pub(crate) struct Stream {
    /// The bytes that came together with the 101, after its head.
    received: Bytes,
    io: Leased<Transport>,
}

impl Stream {
    pub(super) fn new((io, received): (Leased<Transport>, Bytes)) -> Self {
        Self { received, io }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.received.is_empty() {
            return Pin::new(&mut self.io).poll_read(cx, buf);
        }
        let fits = self.received.len().min(buf.remaining());
        buf.put_slice(&self.received.split_to(fits));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

impl fmt::Debug for Switched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Switched").finish_non_exhaustive()
    }
}
