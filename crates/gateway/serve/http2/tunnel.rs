//! A stream that became a tunnel by an extended CONNECT (RFC 8441).

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes};
use h2::ext::Protocol;
use h2::{Reason, RecvStream, SendStream};
use http::Extensions;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::piece::Piece;
use super::sending::{AT_ONCE, poll_room};
use super::streams::InFlight;
use super::upload::Upload;
use crate::serve::upgrade::{Switch, offer};

/// How long a client may leave no room for what was written to a tunnel that is dropped.
const PATIENCE: Duration = Duration::from_secs(1);

/// Gives a request what an app takes a tunnel over with, as hyper's server does: hyper's `OnUpgrade` and `Protocol`.
/// `None` if the request is no extended CONNECT.
pub(super) fn offer_to(extensions: &mut Extensions) -> Option<Switch<Tunnel>> {
    let protocol = extensions.remove::<Protocol>()?;
    let (on_upgrade, switch) = offer();
    extensions.insert(hyper::ext::Protocol::from(protocol.as_str()));
    extensions.insert(on_upgrade);
    Some(switch)
}

/// A tunnel that was asked for. The app decides with its answer whether it begins.
pub(super) struct Asked {
    switch: Switch<Tunnel>,
    upload: Upload,
}

impl Asked {
    /// If the app refuses, what the client sends is treated as the upload of any request.
    pub(super) fn new(switch: Switch<Tunnel>, upload: Upload) -> Self {
        Self { switch, upload }
    }

    /// The app has agreed, and its answer was sent. What comes behind it is `sent`.
    pub(super) fn begin(self, sent: SendStream<Piece>, in_flight: Option<InFlight>) {
        if let Some(received) = self.upload.into_stream() {
            let tunnel =
                Tunnel { received, unread: Bytes::new(), sent: Some(sent), has_ended: false, in_flight };
            self.switch.complete(tunnel, Bytes::new());
        }
    }
}

/// The bytes of both directions, which are the data of the stream. A direction ends with END_STREAM. If the tunnel is
/// dropped before, the stream is reset with CANCEL, behind what was written.
pub(super) struct Tunnel {
    received: RecvStream,
    unread: Bytes,
    /// `None` only while this is dropped.
    sent: Option<SendStream<Piece>>,
    has_ended: bool,
    /// The connection isn't idle as long as it has a tunnel.
    in_flight: Option<InFlight>,
}

impl AsyncRead for Tunnel {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        while self.unread.is_empty() {
            match ready!(self.received.poll_data(cx)) {
                Some(Ok(data)) => self.unread = data,
                Some(Err(error)) => return Poll::Ready(Err(io::Error::other(error))),
                None => return Poll::Ready(Ok(())),
            }
        }
        let fits = self.unread.len().min(buf.remaining());
        buf.put_slice(&self.unread.split_to(fits));
        // The client may send as much as was read. This fails only if the stream is gone, which the next read tells.
        let _ = self.received.flow_control().release_capacity(fits);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Tunnel {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let Some(sent) = &mut self.sent else { return Poll::Ready(Err(gone())) };
        sent.reserve_capacity(buf.len().min(AT_ONCE));
        let Some(room) = ready!(poll_room(sent, cx)) else { return Poll::Ready(Err(gone())) };
        let data = buf.take(room).copy_to_bytes(room.min(buf.len()));
        let count = data.len();
        sent.send_data(Piece::Data(data), false).map_err(io::Error::other)?;
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // The connection's task writes what it has.
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.has_ended
            && let Some(sent) = &mut self.sent
        {
            sent.send_data(Piece::Data(Bytes::new()), true).map_err(io::Error::other)?;
            self.has_ended = true;
        }
        Poll::Ready(Ok(()))
    }
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        let Some(mut sent) = self.sent.take().filter(|_| !self.has_ended) else { return };
        // With a reset, h2 drops what isn't written yet, such as a WebSocket's Close. So the reset waits for a mark.
        let (mark, mut gone) = Piece::mark();
        if let Ok(runtime) = Handle::try_current()
            && sent.send_data(mark, false).is_ok()
        {
            let in_flight = self.in_flight.take();
            runtime.spawn(async move {
                let _ = timeout(PATIENCE, poll_fn(|cx| gone.poll(cx))).await;
                sent.send_reset(Reason::CANCEL);
                drop(in_flight);
            });
        }
    }
}

fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::BrokenPipe, "the stream has ended")
}
