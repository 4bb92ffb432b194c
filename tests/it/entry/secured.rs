//! The services that guards ask, over TLS: `tls` of `forward_auth` and of `jwt`.

use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;

use super::{ask_once, guarded, in_toml};
use crate::support::gateway::TestGateway;
use crate::support::recorder::{RecordingUpstream, Script};

/// A service that answers everything in the same way, with a certificate that it has signed itself.
struct Service {
    gateway: TestGateway,
    files: TempDir,
}

impl Service {
    fn answering(respond: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(["id.example".to_owned()]).unwrap().self_signed(&key).unwrap();
        let files = tempfile::tempdir().unwrap();
        std::fs::write(files.path().join("cert.pem"), certificate.pem()).unwrap();
        std::fs::write(files.path().join("key.pem"), key.serialize_pem()).unwrap();
        let file = |name: &str| in_toml(&files.path().join(name));
        let tls = format!("tls = {{ cert = {}, key = {} }}", file("cert.pem"), file("key.pem"));
        let gateway = TestGateway::listening(&tls, &format!("[routes.\"/\"]\nrespond = {respond}\n"));
        Self { gateway, files }
    }

    fn url(&self) -> String {
        format!("\"https://{}/\"", self.gateway.addr)
    }

    /// That the gateway trusts this service, and no other.
    fn trusted(&self) -> String {
        format!("tls = {{ certificate = {} }}", in_toml(&self.files.path().join("cert.pem")))
    }
}

#[tokio::test]
async fn only_a_service_that_is_trusted_is_asked_for_its_consent() {
    let upstream = RecordingUpstream::start(|_| Script::ok("in")).await;
    let service = Service::answering("{ status = 204, headers = { x-user = \"ann\" } }");
    for (trust, status) in [(String::new(), 502), (service.trusted(), 200)] {
        let url = service.url();
        let keys = format!("[routes.\"/api\".forward_auth]\nurl = {url}\ncopy = [\"x-user\"]\n{trust}\n");
        let answer = ask_once(&guarded(&upstream, &keys), "").await;
        assert_eq!(answer.status(), status, "{trust}: {answer:?}");
    }
    let [entered] = &upstream.requests()[..] else { panic!("{:?}", upstream.requests()) };
    assert_eq!(entered.headers.all("x-user"), ["ann"]);
}

#[cfg(feature = "jwt")]
#[tokio::test]
async fn keys_come_from_an_issuer_that_is_trusted() {
    use serde_json::json;

    use crate::support::tokens::{Signer, claims, set};

    let upstream = RecordingUpstream::start(|_| Script::ok("in")).await;
    let signer = Signer::p256("1");
    let service = Service::answering(&format!("{{ body = '{}' }}", set(&[&signer])));
    let token = format!("Authorization: Bearer {}\r\n", signer.sign(&claims(&json!({}))));
    for (trust, status) in [(String::new(), 503), (service.trusted(), 200)] {
        let url = service.url();
        let keys = format!("[routes.\"/api\".jwt]\nkeys_url = {url}\naudience = \"api\"\n{trust}\n");
        let answer = ask_once(&guarded(&upstream, &keys), &token).await;
        assert_eq!(answer.status(), status, "{trust}: {answer:?}");
    }
}
