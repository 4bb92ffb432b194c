//! hyper's `OnUpgrade`, which `crates/gateway/serve/upgrade.rs` gets from a connection of hyper's with itself.

use std::cell::Cell;
use std::convert::Infallible;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll, Waker};

use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::oneshot;

use crate::support::within;

/// Has a request, and counts the writes of the answer.
struct Memory {
    unread: &'static [u8],
    writes: Arc<AtomicUsize>,
}

impl AsyncRead for Memory {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.unread.is_empty() {
            return Poll::Pending;
        }
        buf.put_slice(std::mem::take(&mut self.unread));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Memory {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.writes.fetch_add(1, Relaxed);
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// The handshake takes two polls, nobody wakes it, and what is written in it is swallowed up to the first write's end.
#[tokio::test]
async fn it_is_offered_in_the_first_poll_and_agreed_to_with_one_write() {
    let writes = Arc::new(AtomicUsize::new(0));
    let unread = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n";
    let memory = Memory { unread, writes: Arc::clone(&writes) };
    let offered = Cell::new(None::<OnUpgrade>);
    let (agree, agreed) = oneshot::channel::<()>();
    let agreed = Cell::new(Some(agreed));
    let service = service_fn(|mut request: Request<Incoming>| {
        offered.set(Some(hyper::upgrade::on(&mut request)));
        let agreed = agreed.take().unwrap();
        async move {
            agreed.await.unwrap();
            let answer = Response::builder().status(StatusCode::SWITCHING_PROTOCOLS).body(String::new());
            Ok::<_, Infallible>(answer.unwrap())
        }
    });
    let connection = Builder::new().half_close(true).serve_connection(TokioIo::new(memory), service);
    let mut connection = pin!(connection.with_upgrades());
    let cx = &mut Context::from_waker(Waker::noop());

    assert!(connection.as_mut().poll(cx).is_pending());
    let on_upgrade = offered.take().expect("the request was passed on");
    assert_eq!(writes.load(Relaxed), 0);

    agree.send(()).unwrap();
    assert!(connection.as_mut().poll(cx).is_ready());
    assert_eq!(writes.load(Relaxed), 1);
    within("the upgrade", on_upgrade).await.unwrap();
}
