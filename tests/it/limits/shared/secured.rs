//! `rediss://`: the same over TLS, with certificates of an authority that the file names.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::{Redis, config, connected, metric, results, status};
use crate::support::gateway::TestGateway;
use crate::support::tools::free_port;
use crate::support::within;

/// A file with an authority, and those of a certificate that it has signed for 127.0.0.1.
fn certificates() -> TempDir {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let server =
        CertificateParams::new(["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in
        [("ca.pem", authority.pem()), ("server.pem", server.pem()), ("key.pem", key.serialize_pem())]
    {
        std::fs::write(directory.path().join(name), text).unwrap();
    }
    directory
}

fn trusting(port: u16, certificates: &TempDir) -> String {
    let tls = format!("tls = {{ ca_file = {:?} }}", certificates.path().join("ca.pem"));
    config(port, &tls, "").replace("redis://", "rediss://")
}

#[tokio::test]
async fn limits_are_shared_over_tls_with_whom_the_file_trusts() {
    let ours = certificates();
    let file = |name: &str| ours.path().join(name).to_str().unwrap().to_owned();
    let (port, tls) = (free_port(), free_port());
    let tls_port = tls.to_string();
    let (server, key, authority) = (file("server.pem"), file("key.pem"), file("ca.pem"));
    let arguments = [
        ("--tls-port", tls_port.as_str()),
        ("--tls-cert-file", &server),
        ("--tls-key-file", &key),
        ("--tls-ca-cert-file", &authority),
        ("--tls-auth-clients", "no"),
    ];
    let Some(_redis) = Redis::with(port, &arguments).await else { return };
    let gateway = TestGateway::start(&trusting(tls, &ours));
    connected(&gateway, 1).await;
    assert_eq!([status(&gateway).await, status(&gateway).await, status(&gateway).await], [200, 200, 429]);
    assert_eq!(results(&gateway), [2, 1, 0, 0, 0]);
}

/// Its password isn't told to whoever else answers.
#[tokio::test]
async fn a_stranger_is_not_spoken_to() {
    let (ours, theirs) = (certificates(), certificates());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let pem = |name: &str| std::fs::read(theirs.path().join(name)).unwrap();
    let chain = CertificateDer::pem_slice_iter(&pem("server.pem")).collect::<Result<_, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_slice(&pem("key.pem")).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap(),
    ));
    let gateway = TestGateway::start(&trusting(listener.local_addr().unwrap().port(), &ours));
    let (stream, _) = within("a connection", listener.accept()).await.unwrap();
    let shaken = within("the end of the handshake", acceptor.accept(stream)).await;
    assert!(shaken.is_err(), "it was taken for Redis");
    assert_eq!(metric(&gateway, "gateway_redis_connected"), Some(0));
}
