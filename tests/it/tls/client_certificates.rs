//! Clients' certificates, and what the upstream is told of them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::support::{Authority, Client, EACH_VERSION, Edge, ONE};
use crate::support::recorder::Script;
use crate::support::relay::Relay;

async fn asking(auth: &str) -> (Authority, Edge) {
    let authority = Authority::new();
    authority.issue("a", &["a.example"]);
    authority.issue("alice", &["alice.example"]);
    let edge = Edge::start(&authority, &format!("{ONE}, client_ca_file = \"ca.pem\"{auth}")).await;
    (authority, edge)
}

const FORGED: [&str; 5] = [
    "Client-Cert: :AAAA:",
    "Client-Cert-Chain: :AAAA:",
    "X-Forwarded-Client-Cert: Hash=00;Subject=\"CN=admin\"",
    "Client_Cert: :AAAA:",
    "Connection: keep-alive, client-cert, x-forwarded-client-cert",
];

#[tokio::test]
async fn the_upstream_is_told_of_an_accepted_certificate() {
    for auth in ["", ", client_auth = \"optional\""] {
        let (authority, edge) = asking(auth).await;
        for versions in EACH_VERSION {
            let client = Client { certificate: Some("alice"), versions, ..authority.client() };
            let mut connection = client.connect(edge.addr, "a.example").await.unwrap();
            for lines in [&[][..], &FORGED] {
                connection.get(lines).await;
                let seen = edge.upstream.requests().pop().unwrap();
                let der = authority.certificate("alice");
                assert_eq!(seen.headers.one("client-cert"), Some(&*format!(":{}:", STANDARD.encode(&der))));
                let told = seen.headers.one("x-forwarded-client-cert").unwrap();
                assert!(told.starts_with("Hash=") && told.ends_with(";Subject=\"CN=alice\""), "{told}");
                assert!(!seen.headers.has("client-cert-chain") && !seen.headers.has("client_cert"));
            }
        }
    }
}

#[tokio::test]
async fn a_client_without_a_certificate_is_refused_or_says_nothing() {
    let (authority, required) = asking("").await;
    for versions in EACH_VERSION {
        let client = Client { versions, ..authority.client() };
        let refused = match client.connect(required.addr, "a.example").await {
            Err(error) => error,
            Ok(mut connection) => connection.rest().await.unwrap_err(),
        };
        assert!(refused.to_string().contains("CertificateRequired"), "{refused}");
    }
    assert!(required.upstream.requests().is_empty());

    let (authority, optional) = asking(", client_auth = \"optional\"").await;
    let mut connection = authority.client().connect(optional.addr, "a.example").await.unwrap();
    connection.get(&FORGED).await;
    let seen = optional.upstream.requests().pop().unwrap();
    for name in ["client-cert", "client-cert-chain", "x-forwarded-client-cert", "client_cert"] {
        assert!(!seen.headers.has(name), "{name}: {seen:#?}");
    }
}

/// Also where it isn't required: a client that shows a certificate wants it to be believed.
#[tokio::test]
async fn a_certificate_of_another_authority_is_refused() {
    for auth in ["", ", client_auth = \"optional\""] {
        let (authority, edge) = asking(auth).await;
        let other = Authority::new();
        other.issue("mallory", &["alice.example"]);
        for file in ["mallory.pem", "mallory.key"] {
            std::fs::copy(other.path(file), authority.path(file)).unwrap();
        }
        let client = Client { certificate: Some("mallory"), ..authority.client() };
        let refused = match client.connect(edge.addr, "a.example").await {
            Err(error) => error,
            Ok(mut connection) => connection.rest().await.unwrap_err(),
        };
        assert!(refused.to_string().contains("alert"), "{refused}");
        assert!(edge.upstream.requests().is_empty());
    }
}

/// Over plain HTTP as well, and also by a trusted proxy: few of them remove what their clients send in these headers.
#[tokio::test]
async fn nobody_can_say_that_they_have_a_certificate() {
    for head in ["", "trusted_proxies = [\"127.0.0.1\"]"] {
        let relay = Relay::start(head, crate::support::relay::API, |_| Script::ok("hello")).await;
        let exchange = relay.get_with(&FORGED).await;
        for name in ["client-cert", "client-cert-chain", "x-forwarded-client-cert", "client_cert"] {
            assert!(!exchange.seen().headers.has(name), "{name}: {exchange:#?}");
        }
    }
}
