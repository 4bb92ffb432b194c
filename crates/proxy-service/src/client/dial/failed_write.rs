//! Reading what the upstream has sent, even if a write has failed.
//!
//! An upstream may answer before it has read the whole request, and close the connection. Then a write fails, although
//! the answer is there to be read. `h2` would end the connection on the failed write, and the answer would never be
//! read. So the error is held back, and the write stays pending, as long as there may be something to read. The request
//! is never sent to its end, so the connection is never used again.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

/// How long the error is held back, counted anew from each read. A connection that was closed altogether reports its
/// end at once. There is only something to wait for if one direction alone was closed, as a Unix socket can be.
const PATIENCE: Duration = Duration::from_secs(1);

/// A write that failed and whose error is held back.
#[derive(Debug)]
pub(super) struct FailedWrite {
    error: io::Error,
    patience: Pin<Box<Sleep>>,
}

impl FailedWrite {
    /// Holds the error back if the write failed because the upstream has closed the connection.
    ///
    /// # Errors
    /// Any other error is given back, and is reported at once.
    pub(super) fn catch(error: io::Error) -> io::Result<Self> {
        match error.kind() {
            io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => {
                Ok(Self { error, patience: Box::pin(sleep(PATIENCE)) })
            }
            _ => Err(error),
        }
    }

    /// The result of this write and of each later one: pending, and then the error once nothing was read for
    /// [`PATIENCE`].
    pub(super) fn poll<T>(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        ready!(self.patience.as_mut().poll(cx));
        Poll::Ready(Err(self.error()))
    }

    /// Notes that `count` bytes were read after the write had failed; 0 is the end of what the upstream has sent.
    ///
    /// # Errors
    /// The write's error, if the connection was reset and this is no real end: the system reports a reset only once,
    /// here to the write, and after that it reports an end.
    pub(super) fn note_read(&mut self, count: usize) -> io::Result<()> {
        if count == 0 && self.error.kind() != io::ErrorKind::BrokenPipe {
            return Err(self.error());
        }
        self.patience.as_mut().reset(Instant::now() + PATIENCE);
        Ok(())
    }

    fn error(&self) -> io::Error {
        match self.error.raw_os_error() {
            Some(code) => io::Error::from_raw_os_error(code),
            None => self.error.kind().into(),
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::future::poll_fn;
    use std::io::Write as _;
    use std::net::Shutdown;

    use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};
    use tokio::net::UnixStream;

    use super::super::protocol::Protocol;
    use super::super::transport::Transport;
    use super::*;

    async fn write(transport: &mut Transport) -> io::Result<usize> {
        poll_fn(|cx| Pin::new(&mut *transport).poll_write(cx, b"upload")).await
    }

    async fn read(transport: &mut Transport) -> io::Result<Vec<u8>> {
        let mut room = [0; 16];
        let mut buf = ReadBuf::new(&mut room);
        poll_fn(|cx| Pin::new(&mut *transport).poll_read(cx, &mut buf)).await?;
        Ok(buf.filled().to_vec())
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_said_is_read_and_then_the_error_is_told() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let mut theirs = theirs.into_std().unwrap();
        theirs.shutdown(Shutdown::Read).unwrap();
        let mut transport = Transport::unix(ours, Protocol::Http1);
        let begun = Instant::now();
        assert!(tokio::time::timeout(PATIENCE / 2, write(&mut transport)).await.is_err());
        theirs.write_all(b"413").unwrap();
        assert_eq!(read(&mut transport).await.unwrap(), b"413");
        assert_eq!(write(&mut transport).await.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        assert_eq!(
            begun.elapsed().as_millis(),
            (PATIENCE / 2 * 3).as_millis(),
            "its time began again with the answer"
        );
        drop(theirs);
        assert_eq!(read(&mut transport).await.unwrap(), b"", "an end is an end");
    }
}
