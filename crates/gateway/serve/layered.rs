//! `Layered`: a connection with TLS or without.

#[cfg(feature = "tls")]
use tokio_rustls::server::TlsStream;

use super::passes_io_on::passes_io_on;
use super::socket::Socket;
use super::stream::OverSocket;

/// A connection with TLS or without, so that HTTP is compiled once for both.
#[derive(Debug)]
pub(super) enum Layered<T> {
    Plain(T),
    /// In a box, so that a connection without TLS doesn't have the memory of one with it.
    #[cfg(feature = "tls")]
    Tls(Box<TlsStream<T>>),
}

/// Calls the same method on the stream, of whichever kind it is.
macro_rules! either {
    ($stream:expr, $inner:ident => $call:expr) => {
        match $stream {
            Layered::Plain($inner) => $call,
            #[cfg(feature = "tls")]
            Layered::Tls($inner) => $call,
        }
    };
}

impl<T: OverSocket> OverSocket for Layered<T> {
    fn socket(&self) -> &Socket {
        match self {
            Self::Plain(stream) => stream.socket(),
            #[cfg(feature = "tls")]
            Self::Tls(stream) => stream.get_ref().0.socket(),
        }
    }
}

passes_io_on!(impl[T: OverSocket] for Layered<T>, by either);
