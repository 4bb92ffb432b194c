//! Upgrades: what a request has in its extensions, so that a service can take its connection over.
//!
//! axum's `WebSocketUpgrade`, `hyper::upgrade::on` and `proxy_service` all look for hyper's [`OnUpgrade`], and only a
//! connection of hyper's can make one. So, for a request that asks for an upgrade, such a connection is made in
//! memory. It is fed a fixed request for an upgrade, and what it writes as an answer is swallowed. Then its stream turns
//! into that of the client.

use std::cell::Cell;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::{Buf, Bytes};
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::oneshot;
use tokio::task::coop::unconstrained;

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n";

/// Makes what the request gets, and what the connection keeps to make it come true.
///
/// The upgraded stream is of a private type: `Upgraded::downcast` can't take the client's stream out of it.
pub(super) fn offer<T: AsyncRead + AsyncWrite + Unpin + Send + 'static>() -> (OnUpgrade, Switch<T>) {
    let (offered, mut offer) = oneshot::channel();
    let (answer, answered) = oneshot::channel();
    let (stream, awaited) = oneshot::channel();
    let asked = Cell::new(Some((offered, answered)));
    let service = service_fn(move |mut request: Request<Incoming>| {
        let (offered, answered) = asked.take().expect("it is fed one request");
        let _received_below = offered.send(hyper::upgrade::on(&mut request));
        answered
    });
    let in_memory = TokioIo::new(StandIn::Handshake { unread: REQUEST, awaited });
    // Without `half_close`, hyper would read on while it waits for the answer.
    let connection = Builder::new().half_close(true).serve_connection(in_memory, service).with_upgrades();
    let mut handshake = Handshake(Box::pin(unconstrained(connection)));
    handshake.advance();
    let on_upgrade = offer.try_recv().expect("hyper passes a request on at once if all of it is there");
    (on_upgrade, Switch { handshake, answer, stream })
}

/// What a request gets that came over no connection: it becomes an error.
pub(crate) fn nobodys() -> OnUpgrade {
    offer::<tokio::io::DuplexStream>().0
}

/// The connection's side of an offered upgrade. If it is dropped, because the upgrade was refused or the connection has
/// ended, the [`OnUpgrade`] becomes an error.
pub(super) struct Switch<T> {
    handshake: Handshake,
    answer: oneshot::Sender<Response<String>>,
    stream: oneshot::Sender<Received<T>>,
}

impl<T> Switch<T> {
    /// Gives the client's stream to whoever waits for the [`OnUpgrade`], or drops it if nobody does. To be called when
    /// the answer that agrees to the upgrade has been written: a 101, or a 2xx to CONNECT.
    ///
    /// `leftover` is what was received behind the request. It is read before anything else.
    pub(super) fn complete(mut self, stream: T, leftover: Bytes) {
        let mut agreed = Response::default();
        *agreed.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        // Both receivers are in the handshake, which goes on with them.
        let _ = self.stream.send(Received { leftover, stream });
        let _ = self.answer.send(agreed);
        self.handshake.advance();
    }
}

/// hyper's connection with itself. Nothing else makes it advance, since all that it waits for comes from [`Switch`].
struct Handshake(Pin<Box<dyn Future<Output = hyper::Result<()>> + Send>>);

impl Handshake {
    fn advance(&mut self) {
        // It fails only if the client's stream does. Then the `OnUpgrade` becomes an error.
        let _ = self.0.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    }
}

/// What hyper reads and writes.
enum StandIn<T> {
    /// Feeds it the request, and swallows the answer to it.
    Handshake {
        unread: &'static [u8],
        awaited: oneshot::Receiver<Received<T>>,
    },
    Switched(Received<T>),
}

/// The client's stream, and what was received of it before.
struct Received<T> {
    leftover: Bytes,
    stream: T,
}

impl<T: Unpin> StandIn<T> {
    /// The client's stream, or `None` during the handshake.
    fn stream(&mut self) -> Option<Pin<&mut T>> {
        match self {
            Self::Handshake { .. } => None,
            Self::Switched(Received { stream, .. }) => Some(Pin::new(stream)),
        }
    }

    /// Swallows what hyper writes in the handshake: the head of the answer, in one piece. The handshake is over with it.
    fn swallow(&mut self, written: usize) -> Poll<io::Result<usize>> {
        if let Self::Handshake { awaited, .. } = self {
            let received = awaited.try_recv().map_err(|_| io::ErrorKind::BrokenPipe)?;
            *self = Self::Switched(received);
        }
        Poll::Ready(Ok(written))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for StandIn<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Handshake { unread: [], .. } => Poll::Pending,
            Self::Handshake { unread, .. } => give(unread, buf),
            Self::Switched(Received { leftover, stream }) if leftover.is_empty() => {
                Pin::new(stream).poll_read(cx, buf)
            }
            Self::Switched(Received { leftover, .. }) => give(leftover, buf),
        }
    }
}

fn give(bytes: &mut impl Buf, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
    let length = buf.remaining().min(bytes.remaining());
    bytes.copy_to_slice(buf.initialize_unfilled_to(length));
    buf.advance(length);
    Poll::Ready(Ok(()))
}

impl<T: AsyncWrite + Unpin> AsyncWrite for StandIn<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.stream() {
            Some(stream) => stream.poll_write(cx, buf),
            None => self.swallow(buf.len()),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.stream() {
            Some(stream) => stream.poll_write_vectored(cx, bufs),
            None => self.swallow(bufs.iter().map(|buf| buf.len()).sum()),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Handshake { .. } => false,
            Self::Switched(Received { stream, .. }) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().map_or(Poll::Ready(Ok(())), |stream| stream.poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().map_or(Poll::Ready(Ok(())), |stream| stream.poll_shutdown(cx))
    }
}

#[cfg(test)]
mod tests;
