//! `tls` of a pool: an upstream whose certificate is signed by an authority of its own, and that asks for a client
//! certificate.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::support::gateway::{TestGateway, one_pool};
use crate::support::operator::ask;
use crate::support::raw::{RawClient, Response};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// The name that the upstream's certificate is for. The address on which it listens is in no certificate.
const NAME: &str = "app.example";

/// An upstream, and the files that are needed to talk to it.
struct Upstream {
    addr: SocketAddr,
    files: TempDir,
}

impl Upstream {
    async fn start() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let of = |name: &str| {
            let key = KeyPair::generate().unwrap();
            let certificate = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &authority);
            (certificate.unwrap(), key)
        };
        let (server, server_key) = of(NAME);
        let (client, client_key) = of("gateway.example");
        let files = tempfile::tempdir().unwrap();
        let write = |name: &str, text: String| std::fs::write(files.path().join(name), text).unwrap();
        write("ca.pem", authority.pem());
        write("client.pem", client.pem());
        write("client-key.pem", client_key.serialize_pem());

        let server_key = PrivateKeyDer::Pkcs8(server_key.serialize_der().into());
        let acceptor = acceptor(authority.der().clone(), server.der().clone(), server_key);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        tokio::spawn(serve(listener, acceptor));
        Self { addr, files }
    }

    /// The path of a file, as TOML.
    fn file(&self, name: &str) -> String {
        format!("{:?}", self.files.path().join(name))
    }

    /// The answer of a gateway with these lines in its pool's `tls`.
    async fn answer_to(&self, tls: &str) -> Response {
        let pools = one_pool(&format!("https://{}", self.addr), "");
        let gateway = TestGateway::start(&format!("{pools}[pools.api.tls]\n{tls}\n"));
        RawClient::connect(gateway.addr).await.get("/api/x").await
    }
}

fn acceptor(
    authority: CertificateDer<'static>,
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut clients = RootCertStore::empty();
    clients.add(authority).unwrap();
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(clients), Arc::clone(&provider))
        .build()
        .unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![certificate], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// An upstream whose certificate is self-signed, as `openssl req -x509` makes them. It is in `own.pem`; `another.pem`
/// holds another of the same kind.
async fn self_signed(key: Key, version: &'static SupportedProtocolVersion) -> Upstream {
    let mut params = CertificateParams::new([NAME.to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let files = tempfile::tempdir().unwrap();
    let [(own, own_key), (_, another_key)] = ["own.pem", "another.pem"].map(|file| {
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        std::fs::write(files.path().join(file), certificate.pem()).unwrap();
        (certificate.der().clone(), key)
    });
    let key = match key {
        Key::Own => own_key,
        Key::Another => another_key,
    };
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let key =
        provider.key_provider.load_private_key(PrivateKeyDer::Pkcs8(key.serialize_der().into())).unwrap();
    let shown = SingleCertAndKey::from(CertifiedKey::new(vec![own], key));
    let config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(shown));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, TlsAcceptor::from(Arc::new(config))));
    Upstream { addr, files }
}

/// Which private key an upstream has.
#[derive(Clone, Copy)]
enum Key {
    Own,
    /// Not the key of the certificate that it shows.
    Another,
}

/// Answers with the name that it was asked for and the certificates that the client showed.
async fn serve(listener: TcpListener, acceptor: TlsAcceptor) {
    while let Ok((socket, _)) = listener.accept().await {
        let Ok(mut stream) = acceptor.accept(socket).await else { continue };
        let session = stream.get_ref().1;
        let (name, shown) = (session.server_name(), session.peer_certificates());
        let told = format!("{} {}", name.unwrap_or("nobody"), shown.unwrap_or_default().len());
        let _head = stream.read(&mut [0; 4096]).await;
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{told}", told.len());
        let _client_may_be_gone = stream.write_all(answer.as_bytes()).await;
        let _client_may_be_gone = stream.shutdown().await;
    }
}

#[tokio::test]
async fn upstream_and_gateway_show_their_certificates() {
    let upstream = Upstream::start().await;
    let answer = upstream
        .answer_to(&format!(
            "ca_file = {}\nclient_cert = {}\nclient_key = {}\nserver_name = {NAME:?}",
            upstream.file("ca.pem"),
            upstream.file("client.pem"),
            upstream.file("client-key.pem"),
        ))
        .await;
    assert_eq!((answer.status(), answer.text()), (200, format!("{NAME} 1")));
}

#[tokio::test]
async fn without_one_of_them_there_is_no_answer() {
    let upstream = Upstream::start().await;
    let ca = format!("ca_file = {}\n", upstream.file("ca.pem"));
    let identity = format!(
        "client_cert = {}\nclient_key = {}\n",
        upstream.file("client.pem"),
        upstream.file("client-key.pem")
    );
    let name = format!("server_name = {NAME:?}\n");
    for (tls, missing, error) in [
        (format!("{ca}{name}"), "the gateway's certificate", "tls_"),
        (format!("{identity}{name}"), "trust in the authority", "tls_certificate_error"),
        (format!("{ca}{identity}"), "the name in the certificate", "tls_certificate_error"),
    ] {
        let answer = upstream.answer_to(&tls).await;
        let status = answer.header("proxy-status").unwrap_or_default();
        assert_eq!(answer.status(), 502, "{missing}");
        assert!(status.starts_with(&format!("gateway; error={error}")), "{missing}: {status}");
    }
}

/// Neither its name nor its authority is checked.
#[tokio::test]
async fn a_self_signed_upstream_is_trusted_by_its_own_certificate() {
    for version in [&TLS12, &TLS13] {
        let upstream = self_signed(Key::Own, version).await;
        for (tls, status) in [
            (format!("certificate = {}", upstream.file("own.pem")), 200),
            ("verify = false".to_owned(), 200),
            (format!("certificate = {}", upstream.file("another.pem")), 502),
            (format!("ca_file = {}\nserver_name = {NAME:?}", upstream.file("own.pem")), 502),
            (String::new(), 502),
        ] {
            let answer = upstream.answer_to(&tls).await;
            assert_eq!(answer.status(), status, "{tls}");
            if status == 502 {
                assert_eq!(
                    answer.header("proxy-status"),
                    Some("gateway; error=tls_certificate_error"),
                    "{tls}"
                );
            }
        }
    }
}

/// Certificates are public: a server has to prove that it has the key of the one that it shows.
#[tokio::test]
async fn an_upstream_without_the_key_of_its_certificate_is_not_trusted() {
    for version in [&TLS12, &TLS13] {
        let upstream = self_signed(Key::Another, version).await;
        let answer = upstream.answer_to(&format!("certificate = {}", upstream.file("own.pem"))).await;
        assert_eq!(answer.status(), 502);
    }
}

#[tokio::test]
async fn operators_see_which_pools_trust_anyone() {
    for (tls, is_verified) in [("verify = false", false), ("verify = true", true)] {
        let pools = one_pool("https://127.0.0.1:1", "");
        let gateway = TestGateway::start(&format!("{pools}[pools.api.tls]\n{tls}\n"));
        // It has answered, so it serves.
        RawClient::connect(gateway.addr).await.get("/healthz").await;
        let pool = ask(&gateway.handle, "/api/v1/pools/api").await.json();
        assert_eq!(pool["verified"], is_verified);
    }
}
