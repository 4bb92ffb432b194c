//! Reads and discards the rest of an HTTP/2 request's body that the service has dropped.
//!
//! If a request's body is dropped before its end, h2 resets the stream after the response. Many clients then lose
//! the response, even if they have received it, or because they would read it only after their upload. So the rest of
//! the body is read and discarded, as [`linger`](crate::serve::linger) does it for HTTP/1.

use std::future::poll_fn;
use std::pin::Pin;

use http_body::{Body as _, Frame};
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::content::Content;
use crate::serve::Linger;

/// How many bytes of a body are discarded at most. After that the client can't send more, because its window is closed,
/// and it has the time of [`Linger::idle`] to read the response.
const MOST: u64 = 64 << 20;

/// Reads the rest of the body in a task of its own, since the body may be dropped anywhere. Few requests need this.
pub(super) fn discard(body: Content, limits: Linger) {
    if let Ok(runtime) = Handle::try_current() {
        runtime.spawn(read_on(body, limits));
    }
}

async fn read_on(mut body: Content, limits: Linger) {
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
