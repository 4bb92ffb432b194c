//! Closing a connection whose client is still sending.
//!
//! A socket closed with input unread, or that gets input after it was closed, is reset, and a reset makes the client's
//! kernel throw away what the client has not read yet: the very answer that ended the exchange. So our end of the stream goes
//! out first, and the client's input is read and thrown away until the client has seen it and closes (RFC 9112
//! section 9.6).

use std::io::ErrorKind;

use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};

use super::Linger;

/// Whether the client is known to have more to say than was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// A body that may not have been read, or a head that could not be.
    Expected,
    /// All that was announced was read. Only what is already here is unread.
    Complete,
}

/// Waits for the client's end of a stream that has seen ours, within the bounds of `limits`.
pub(super) async fn linger(stream: &TcpStream, input: Input, limits: &Linger) {
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

/// Throws away what is here. Not async, so that the scratch space is no part of any connection's memory, and bounded,
/// so that a fast sender does not hold the thread.
fn discard(stream: &TcpStream) -> Discarded {
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
