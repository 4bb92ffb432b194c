//! What an HTTP/2 client still uploads when nobody reads it any more.
//!
//! A request's body that is dropped before its end makes hyper reset the stream as soon as the answer is out. Many clients
//! then forget an answer that they have received, or that they would have read after their upload. So what is left is
//! read and thrown away, as [`linger`](super::linger) does it for HTTP/1.

use std::future::poll_fn;
use std::pin::Pin;

use http_body::{Body as _, Frame};
use hyper::body::Incoming;
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::Linger;

/// No more than so much of an upload is thrown away. After that the client's window closes, and it has as long as it may
/// be idle to look at its answer.
const MOST: u64 = 64 << 20;

/// Goes on reading, without whoever lets go of the body: that may be wherever it was going. Only few requests leave
/// something unread.
pub(super) fn discard(body: Incoming, limits: Linger) {
    if let Ok(runtime) = Handle::try_current() {
        runtime.spawn(read_on(body, limits));
    }
}

async fn read_on(mut body: Incoming, limits: Linger) {
    let until = Instant::now() + limits.total;
    let _ = timeout_at(until, async {
        let mut left = MOST;
        while left > 0 {
            let next = timeout(limits.idle, poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)));
            let Ok(Some(Ok(frame))) = next.await else { return };
            left = left.saturating_sub(length(&frame));
        }
        sleep(limits.idle).await;
    })
    .await;
}

fn length(frame: &Frame<bytes::Bytes>) -> u64 {
    frame.data_ref().map_or(0, |data| data.len() as u64)
}
