//! An authority with the files of its certificates, a gateway that speaks TLS, and clients that trust the authority.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use gateway::config::Config;
use gateway::live::Handle;
use gateway::serve::{Listeners, Report, Shutdown};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, PKCS_ECDSA_P256_SHA256,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::within;

/// An authority, and a directory with the certificates that it has signed.
pub(super) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    files: TempDir,
}

impl Authority {
    pub(super) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "an authority");
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let files = tempfile::tempdir().unwrap();
        std::fs::write(files.path().join("ca.pem"), issuer.pem()).unwrap();
        Self { issuer, files }
    }

    /// Writes a certificate for these names to `FILE.pem`, and its key to `FILE.key`.
    pub(super) fn issue(&self, file: &str, names: &[&str]) {
        self.issue_with(file, names, &PKCS_ECDSA_P256_SHA256);
    }

    pub(super) fn issue_with(
        &self,
        file: &str,
        names: &[&str],
        algorithm: &'static rcgen::SignatureAlgorithm,
    ) {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.distinguished_name.push(DnType::CommonName, file);
        let key = KeyPair::generate_for(algorithm).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        std::fs::write(self.path(&format!("{file}.pem")), certificate.pem()).unwrap();
        std::fs::write(self.path(&format!("{file}.key")), key.serialize_pem()).unwrap();
    }

    /// Its private key in PEM.
    pub(super) fn key(&self) -> String {
        self.issuer.key().serialize_pem()
    }

    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.files.path().join(file)
    }

    pub(super) fn certificate(&self, file: &str) -> CertificateDer<'static> {
        CertificateDer::from_pem_file(self.path(&format!("{file}.pem"))).unwrap()
    }

    /// A client that trusts this authority.
    pub(super) fn client(&self) -> Client<'_> {
        Client {
            authority: self,
            protocols: &["http/1.1"],
            versions: rustls::DEFAULT_VERSIONS,
            certificate: None,
        }
    }
}

/// Each version of TLS alone.
pub(super) static EACH_VERSION: [&[&SupportedProtocolVersion]; 2] = [&[&TLS12], &[&TLS13]];

/// What a client says in its handshake.
#[derive(Clone, Copy)]
pub(super) struct Client<'a> {
    pub(super) authority: &'a Authority,
    pub(super) protocols: &'a [&'a str],
    pub(super) versions: &'static [&'static SupportedProtocolVersion],
    /// The name of the files of the certificate that it shows.
    pub(super) certificate: Option<&'a str>,
}

impl Client<'_> {
    pub(super) fn config(self) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.issuer.der().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(self.versions)
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match self.certificate {
            None => builder.with_no_client_auth(),
            Some(file) => {
                let key = self.authority.path(&format!("{file}.key"));
                let key = PrivateKeyDer::from_pem_file(key).unwrap();
                builder.with_client_auth_cert(vec![self.authority.certificate(file)], key).unwrap()
            }
        };
        config.alpn_protocols = self.protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        Arc::new(config)
    }

    /// Shakes hands and asks for this name.
    pub(super) async fn connect(self, addr: SocketAddr, name: &str) -> io::Result<Connection> {
        connect(self.config(), addr, name).await
    }
}

/// A connection over TLS.
pub(super) struct Connection(pub(super) TlsStream<TcpStream>);

pub(super) async fn connect(
    config: Arc<ClientConfig>,
    addr: SocketAddr,
    name: &str,
) -> io::Result<Connection> {
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let socket = within("a connection", TcpStream::connect(addr)).await?;
    within("a handshake", TlsConnector::from(config).connect(name, socket)).await.map(Connection)
}

impl Connection {
    /// The certificate that the gateway has shown.
    pub(super) fn shown(&self) -> CertificateDer<'static> {
        self.0.get_ref().1.peer_certificates().unwrap()[0].clone().into_owned()
    }

    /// Sends a GET of `/api/x` over HTTP/1.1 with these header lines, and reads the answer up to the end of the body,
    /// which is `hello`.
    pub(super) async fn get(&mut self, lines: &[&str]) -> String {
        let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
        let request = format!("GET /api/x HTTP/1.1\r\nHost: a.example\r\n{lines}\r\n");
        self.0.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"hello") {
            let read = within("an answer", self.0.read_buf(&mut answer)).await.unwrap();
            assert!(read > 0, "{}", String::from_utf8_lossy(&answer));
        }
        String::from_utf8(answer).unwrap()
    }

    /// Reads until the gateway closes the connection.
    pub(super) async fn rest(&mut self) -> io::Result<Vec<u8>> {
        let mut rest = Vec::new();
        within("the end", self.0.read_to_end(&mut rest)).await.map(|_| rest)
    }
}

/// A gateway that speaks TLS in front of an upstream that answers `hello`.
pub(super) struct Edge {
    pub(super) addr: SocketAddr,
    pub(super) upstream: RecordingUpstream,
    pub(super) shutdown: Shutdown,
    handle: Handle,
    /// Everything in its configuration but `listen`.
    rest: String,
    served: JoinHandle<Report>,
}

/// A configuration with a listener that has this in its `tls`.
fn parse(authority: &Authority, tls: &str, rest: &str) -> Config {
    let text = format!("listen = [{{ address = \"127.0.0.1:0\", tls = {{ {tls} }} }}]\n{rest}");
    let file = authority.path("gateway.toml");
    Config::parse(file.to_str().unwrap(), &text, |_| None).unwrap_or_else(|errors| panic!("{errors}"))
}

impl Edge {
    /// `tls` is what stands in the listener's `tls`.
    pub(super) async fn start(authority: &Authority, tls: &str) -> Self {
        Self::start_with(authority, tls, "").await
    }

    /// The same, with more in the pool `api` and at the top of the file.
    pub(super) async fn start_with(authority: &Authority, tls: &str, head: &str) -> Self {
        Self::start_script(authority, tls, head, "", |_| Script::ok("hello")).await
    }

    pub(super) async fn start_script(
        authority: &Authority,
        tls: &str,
        head: &str,
        pool: &str,
        script: impl Fn(&crate::support::recorder::RecordedRequest) -> Script + Send + Sync + 'static,
    ) -> Self {
        let upstream = RecordingUpstream::start(script).await;
        let rest = format!(
            "{head}\n[pools.api]\nupstreams = [\"{}\"]\n{pool}\n[routes.\"/api\"]\npool = \"api\"\n",
            upstream.url()
        );
        let config = parse(authority, tls, &rest);
        let listeners = Listeners::bind(config.listen.clone(), config.workers).unwrap();
        let addr = listeners.addresses().next().unwrap().to_string().parse().unwrap();
        let shutdown = Shutdown::new();
        let gateway = gateway::app(config, shutdown.clone()).unwrap();
        let handle = gateway.handle();
        let served = tokio::spawn(async { gateway.serve_on_workers(listeners).await.unwrap() });
        Self { addr, upstream, shutdown, handle, rest, served }
    }

    /// Puts another `tls` in place of the one of the listener.
    pub(super) async fn apply(&self, authority: &Authority, tls: &str) {
        self.handle.apply(parse(authority, tls, &self.rest)).await.unwrap();
    }

    pub(super) async fn ended(mut self) -> Report {
        within("the gateway to end", &mut self.served).await.unwrap()
    }
}

impl Drop for Edge {
    fn drop(&mut self) {
        self.shutdown.abort();
    }
}

/// What a listener with one certificate has in its `tls`.
pub(super) const ONE: &str = "cert = \"a.pem\", key = \"a.key\"";

/// An authority with a certificate for `a.example`, and a gateway that shows it.
pub(super) async fn one() -> (Authority, Edge) {
    one_with("").await
}

/// The same, with more in `tls`.
pub(super) async fn one_with(more: &str) -> (Authority, Edge) {
    let authority = Authority::new();
    authority.issue("a", &["a.example"]);
    let edge = Edge::start(&authority, format!("{ONE}, {more}").trim_end_matches(", ")).await;
    (authority, edge)
}
