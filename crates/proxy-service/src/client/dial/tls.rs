//! TLS to an upstream, with rustls.

use std::fmt;
use std::io;
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::Duration;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::error::DialError;
use super::limit::within;
use super::protocol::{Protocol, Protocols};
use super::transport::Transport;

const H2: &[u8] = b"h2";
const HTTP_1_1: &[u8] = b"http/1.1";

/// Makes the TLS handshakes of a dialer.
#[derive(Clone)]
pub(super) struct Tls {
    /// If this is None, the Mozilla roots and aws-lc-rs are used.
    config: Option<Arc<ClientConfig>>,
    /// Made by the first handshake, and not before: most upstreams have no TLS, and its table of sessions is large.
    connector: Arc<OnceLock<TlsConnector>>,
    protocols: Protocols,
    server_name: Option<ServerName<'static>>,
}

impl Tls {
    pub(super) fn new(
        config: Option<Arc<ClientConfig>>,
        protocols: Protocols,
        server_name: Option<ServerName<'static>>,
    ) -> Self {
        Self { config, connector: Arc::default(), protocols, server_name }
    }

    fn connector(&self) -> &TlsConnector {
        self.connector.get_or_init(|| {
            let mut config = self.config.as_deref().cloned().unwrap_or_else(default_config);
            config.alpn_protocols = offered(self.protocols).iter().map(|name| name.to_vec()).collect();
            Arc::new(config).into()
        })
    }

    /// Makes the handshake. The certificate must be valid for `server_name` if the options set it, otherwise for
    /// `host`, which is a name or an IP address. A name is sent as SNI; an IP address isn't (RFC 6066 §3).
    pub(super) async fn handshake(
        &self,
        stream: TcpStream,
        host: &str,
        limit: Duration,
    ) -> Result<Transport, DialError> {
        let name = match &self.server_name {
            Some(name) => name.clone(),
            None => server_name(host).map_err(DialError::Handshake)?,
        };
        let stream =
            within(limit, self.connector().connect(name, stream)).await.map_err(DialError::Handshake)?;
        let (_, session) = stream.get_ref();
        let protocol = agreed(self.protocols, session.alpn_protocol())?;
        Ok(Transport::tls(stream, protocol))
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

/// The configuration if the options set none: the Mozilla roots and aws-lc-rs.
fn default_config() -> ClientConfig {
    static PROVIDER: LazyLock<Arc<CryptoProvider>> =
        LazyLock::new(|| Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    static ROOTS: LazyLock<Arc<RootCertStore>> =
        LazyLock::new(|| Arc::new(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }));
    ClientConfig::builder_with_provider(Arc::clone(&PROVIDER))
        .with_safe_default_protocol_versions()
        .expect("aws-lc-rs supports the default protocol versions")
        .with_root_certificates(Arc::clone(&ROOTS))
        .with_no_client_auth()
}

fn server_name(host: &str) -> io::Result<ServerName<'static>> {
    let name =
        ServerName::try_from(host).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    Ok(name.to_owned())
}

fn offered(protocols: Protocols) -> &'static [&'static [u8]] {
    match protocols {
        Protocols::Http1 => &[HTTP_1_1],
        Protocols::Auto => &[H2, HTTP_1_1],
        Protocols::Http2 => &[H2],
    }
}

/// The version that ALPN has chosen. An upstream that doesn't know ALPN chooses none, and speaks HTTP/1.1.
fn agreed(protocols: Protocols, alpn: Option<&[u8]>) -> Result<Protocol, DialError> {
    match alpn {
        Some(H2) => Ok(Protocol::Http2),
        _ if protocols == Protocols::Http2 => Err(DialError::NotHttp2),
        _ => Ok(Protocol::Http1),
    }
}
