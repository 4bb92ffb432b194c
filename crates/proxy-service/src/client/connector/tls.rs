//! TLS to an upstream, by rustls.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::Uri;
use http::uri::Scheme;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio::time::Sleep;
use tokio_rustls::client::TlsStream;
use tokio_rustls::{Connect, TlsConnector};

use crate::error::BoxError;

pub(crate) type TlsIo = TokioIo<TlsStream<TcpStream>>;

/// The Mozilla roots, aws-lc-rs, `http/1.1`.
pub(crate) fn default_tls() -> Arc<ClientConfig> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("aws-lc-rs supports the default protocol versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(config)
}

#[derive(Clone)]
pub(crate) struct Tls {
    connector: TlsConnector,
    limit: Duration,
    server_name: Option<ServerName<'static>>,
}

impl Tls {
    pub(super) fn new(
        config: Arc<ClientConfig>,
        limit: Duration,
        server_name: Option<ServerName<'static>>,
    ) -> Self {
        Self { connector: config.into(), limit, server_name }
    }

    /// What will have to be done once TCP is there: nothing for `http`.
    pub(super) fn plan(&self, uri: &Uri) -> Option<Plan> {
        let host = uri.host().filter(|_| uri.scheme() == Some(&Scheme::HTTPS))?;
        Some(Plan { host: host.trim_matches(['[', ']']).to_owned(), tls: self.clone() })
    }
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls")
    }
}

pub(crate) struct Plan {
    host: String,
    tls: Tls,
}

impl Plan {
    pub(super) fn start(self, tcp: TcpStream) -> Result<Handshake, BoxError> {
        let name = match self.tls.server_name {
            Some(name) => name,
            None => ServerName::try_from(self.host)?,
        };
        let connect = Box::new(self.tls.connector.connect(name, tcp));
        Ok(Handshake { connect, limit: Box::pin(tokio::time::sleep(self.tls.limit)) })
    }
}

pub(crate) struct Handshake {
    connect: Box<Connect<TcpStream>>,
    limit: Pin<Box<Sleep>>,
}

impl Future for Handshake {
    type Output = io::Result<TlsIo>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Poll::Ready(stream) = Pin::new(&mut self.connect).poll(cx) {
            return Poll::Ready(stream.map(TokioIo::new));
        }
        ready!(self.limit.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}
