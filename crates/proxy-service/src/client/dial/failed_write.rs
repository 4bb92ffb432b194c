//! A write that fails is no reason not to read what the upstream has said.
//!
//! An upstream may answer before it has read a request, and leave: what is written then fails, though the answer is there.
//! `h2` would end the connection with the write that failed, and nothing would read the answer. So such a write waits, as
//! long as there may be something to read. The connection never finishes its request, so it is never used again.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

/// How long is waited for what the upstream has said, and for more of it. A connection that is over says so at once;
/// only the end of one direction, such as a Unix socket has, is followed by silence.
const PATIENCE: Duration = Duration::from_secs(1);

/// A write that failed, and whose error is held back.
#[derive(Debug)]
pub(super) struct FailedWrite {
    error: io::Error,
    patience: Pin<Box<Sleep>>,
}

impl FailedWrite {
    /// None if the write didn't fail for the upstream's having left: then it is told at once.
    ///
    /// # Errors
    /// Gives any other error back.
    pub(super) fn catch(error: io::Error) -> io::Result<Self> {
        match error.kind() {
            io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => {
                Ok(Self { error, patience: Box::pin(sleep(PATIENCE)) })
            }
            _ => Err(error),
        }
    }

    /// What becomes of this write, and of each that follows: the error, when nothing more is to be read.
    pub(super) fn poll<T>(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        ready!(self.patience.as_mut().poll(cx));
        Poll::Ready(Err(self.error()))
    }

    /// So many bytes were read since; none are the end.
    ///
    /// # Errors
    /// That of the write, if the end is none: the system tells of a reset but once, and calls it an end after that.
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
