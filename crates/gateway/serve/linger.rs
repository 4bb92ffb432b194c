//! Closes a connection whose client still sends.
//!
//! If a socket is closed with unread input, or receives input after it was closed, the kernel sends a reset. A reset
//! makes the client's kernel discard what the client hasn't read yet, which may be the last response. So first our
//! direction of the connection is closed. Then the client's input is read and discarded until the client closes the
//! connection as well (RFC 9112 section 9.6).

use std::io::ErrorKind;

use super::socket::Socket;
use tokio::time::{Instant, timeout, timeout_at};

use super::Linger;

/// Whether the client is expected to send more than was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// Yes: a body may not have been read to its end, or a head could not be read.
    Expected,
    /// No: everything that was announced was read. There may be more in the socket's buffer.
    Complete,
}

/// Waits until the client closes its direction too, within `limits`. Our direction is closed already.
pub(super) async fn linger(stream: &Socket, input: Input, limits: &Linger) {
    match (discard(stream), input) {
        (Discarded::End, _) | (Discarded::Nothing, Input::Complete) => return,
        _ => {}
    }
    let until = Instant::now() + limits.total;
    let _ = timeout_at(until, async {
        while let Ok(Ok(())) = timeout(limits.idle, stream.readable()).await {
            if discard(stream) == Discarded::End {
                break;
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[derive(Debug, PartialEq, Eq)]
enum Discarded {
    Nothing,
    Some,
    End,
}

/// Discards what is in the socket's buffer. It isn't async, so that its own buffer isn't part of a connection's future.
/// It makes a limited number of reads, so that a fast client doesn't occupy the thread.
fn discard(stream: &Socket) -> Discarded {
    const READS: usize = 16;
    let mut scratch = [0; 16 * 1024];
    for reads in 0..READS {
        match stream.try_read(&mut scratch) {
            Ok(0) => return Discarded::End,
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock && reads == 0 => return Discarded::Nothing,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Discarded::Some,
            Err(_) => return Discarded::End,
        }
    }
    Discarded::Some
}
