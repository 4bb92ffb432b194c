//! Reads a client's first message, by which it says what it can do, and for which name it came.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use rustls::server::{Accepted, Acceptor};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};

/// Why there is no first message.
#[derive(Debug)]
pub(super) enum Unread {
    /// The client speaks HTTP without TLS.
    PlainHttp,
    /// Something else. If there was an alert to send, it was sent.
    Broken(io::Error),
}

/// Reads the client's first message.
pub(super) async fn hello<T: AsyncRead + AsyncWrite + Unpin>(stream: &mut T) -> Result<Accepted, Unread> {
    let mut acceptor = Acceptor::default();
    let mut first = None;
    loop {
        let read = poll_fn(|cx| Reader { stream: &mut *stream, cx, first: &mut first }.poll(&mut acceptor));
        if read.await.map_err(Unread::Broken)? == 0 {
            return Err(Unread::Broken(io::ErrorKind::UnexpectedEof.into()));
        }
        // All methods of HTTP begin with a letter, and no record of TLS does (RFC 8446 §5.1).
        if first.is_some_and(|first: u8| first.is_ascii_alphabetic()) {
            return Err(Unread::PlainHttp);
        }
        match acceptor.accept() {
            Ok(Some(accepted)) => return Ok(accepted),
            Ok(None) => {}
            Err((error, mut alert)) => {
                let mut bytes = Vec::new();
                alert.write_all(&mut bytes).map_err(Unread::Broken)?;
                let _ = stream.write_all(&bytes).await;
                return Err(Unread::Broken(io::Error::new(io::ErrorKind::InvalidData, error)));
            }
        }
    }
}

/// Lets rustls, which knows no tasks, read from a stream.
struct Reader<'a, 'cx, T> {
    stream: &'a mut T,
    cx: &'a mut Context<'cx>,
    /// The first byte of the connection.
    first: &'a mut Option<u8>,
}

impl<T: AsyncRead + Unpin> Reader<'_, '_, T> {
    fn poll(mut self, acceptor: &mut Acceptor) -> Poll<io::Result<usize>> {
        match acceptor.read_tls(&mut self) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
            read => Poll::Ready(read),
        }
    }
}

impl<T: AsyncRead + Unpin> io::Read for Reader<'_, '_, T> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut buf = ReadBuf::new(buf);
        match Pin::new(&mut *self.stream).poll_read(self.cx, &mut buf) {
            Poll::Ready(Ok(())) => {
                *self.first = self.first.or(buf.filled().first().copied());
                Ok(buf.filled().len())
            }
            Poll::Ready(Err(error)) => Err(error),
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
        }
    }
}
