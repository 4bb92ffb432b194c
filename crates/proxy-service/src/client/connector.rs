//! TCP with nodelay, and TLS on top where the scheme says so.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use super::resolver::Resolver;
use crate::error::BoxError;
use crate::target::Target;

#[cfg(feature = "tls")]
mod tls;
#[cfg(feature = "tls")]
pub(super) use tls::default_tls;

/// Connects to an upstream.
#[derive(Clone, Debug)]
pub(crate) struct Connector {
    tcp: HttpConnector<Resolver>,
    #[cfg(feature = "tls")]
    tls: tls::Tls,
}

type Connecting = <HttpConnector<Resolver> as Service<Uri>>::Future;

impl Connector {
    pub(super) fn new(
        limit: Duration,
        #[cfg(feature = "tls")] config: std::sync::Arc<rustls::ClientConfig>,
        #[cfg(feature = "tls")] server_name: Option<rustls::pki_types::ServerName<'static>>,
    ) -> Self {
        let mut tcp = HttpConnector::new_with_resolver(Resolver::new(limit));
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(limit));
        Self {
            tcp,
            #[cfg(feature = "tls")]
            tls: tls::Tls::new(config, limit, server_name),
        }
    }
}

impl Connector {
    pub(super) async fn connect(&self, target: &Target) -> Result<Transport, BoxError> {
        let uri = format!("{}://{}/", target.scheme(), target.authority()).parse()?;
        self.clone().call(uri).await
    }
}

impl Service<Uri> for Connector {
    type Response = Transport;
    type Error = BoxError;
    type Future = ConnectorFuture;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.tcp.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, uri: Uri) -> ConnectorFuture {
        #[cfg(feature = "tls")]
        let tls = self.tls.plan(&uri);
        ConnectorFuture::Tcp {
            connecting: self.tcp.call(uri),
            #[cfg(feature = "tls")]
            tls,
        }
    }
}

pub(crate) enum ConnectorFuture {
    Tcp {
        connecting: Connecting,
        #[cfg(feature = "tls")]
        tls: Option<tls::Plan>,
    },
    #[cfg(feature = "tls")]
    Tls(tls::Handshake),
}

impl Future for ConnectorFuture {
    type Output = Result<Transport, BoxError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut *self {
            #[cfg(not(feature = "tls"))]
            Self::Tcp { connecting } => {
                let tcp = not_to_itself(ready!(Pin::new(connecting).poll(cx))?)?;
                Poll::Ready(Ok(Transport(Io::Tcp(tcp))))
            }
            #[cfg(feature = "tls")]
            Self::Tcp { connecting, tls } => {
                let tcp = not_to_itself(ready!(Pin::new(connecting).poll(cx))?)?;
                let Some(plan) = tls.take() else { return Poll::Ready(Ok(Transport(Io::Tcp(tcp)))) };
                let handshake = plan.start(tcp.into_inner())?;
                self.set(Self::Tls(handshake));
                self.poll(cx)
            }
            #[cfg(feature = "tls")]
            Self::Tls(handshake) => {
                let tls = ready!(Pin::new(handshake).poll(cx))?;
                Poll::Ready(Ok(Transport(Io::Tls(Box::new(tls)))))
            }
        }
    }
}

/// A port without a listener, from the range that the system gives out, may be given to the very socket that connects to
/// it: TCP then connects the socket to itself. Nobody is there (Go's `net` looks out for this too).
fn not_to_itself(tcp: TokioIo<TcpStream>) -> io::Result<TokioIo<TcpStream>> {
    let stream = tcp.inner();
    if stream.local_addr()? == stream.peer_addr()? {
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    Ok(tcp)
}

/// A connection to an upstream.
pub(crate) struct Transport(Io);

enum Io {
    Tcp(TokioIo<TcpStream>),
    #[cfg(feature = "tls")]
    Tls(Box<tls::TlsIo>),
}

/// Calls the same method on whichever transport it is.
macro_rules! on_io {
    ($io:expr, $method:ident($($argument:expr),*)) => {
        match $io {
            Io::Tcp(io) => Pin::new(io).$method($($argument),*),
            #[cfg(feature = "tls")]
            Io::Tls(io) => Pin::new(io).$method($($argument),*),
        }
    };
}

impl Read for Transport {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        on_io!(&mut self.0, poll_read(cx, buf))
    }
}

impl Write for Transport {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        on_io!(&mut self.0, poll_write(cx, buf))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        on_io!(&mut self.0, poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        on_io!(&mut self.0, poll_shutdown(cx))
    }

    fn is_write_vectored(&self) -> bool {
        on_io!(&self.0, is_write_vectored())
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        on_io!(&mut self.0, poll_write_vectored(cx, bufs))
    }
}
