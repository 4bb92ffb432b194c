//! Resumed sessions.

use rustls::HandshakeKind;

use super::support::{Authority, Client, EACH_VERSION, Edge, ONE, connect};

/// The same client, again and again: each connection has another port, so the kernel gives it to any of the workers.
#[tokio::test]
async fn a_session_is_resumed_by_any_worker() {
    let authority = Authority::new();
    authority.issue("a", &["a.example"]);
    let edge = Edge::start_with(&authority, ONE, "workers = 3").await;
    for versions in EACH_VERSION {
        let config = Client { versions, ..authority.client() }.config();
        for round in 0..12 {
            let mut connection = connect(config.clone(), edge.addr, "a.example").await.unwrap();
            // The ticket comes with the answer, or before it.
            connection.get(&[]).await;
            let kind = connection.0.get_ref().1.handshake_kind().unwrap();
            let expected = if round == 0 { HandshakeKind::Full } else { HandshakeKind::Resumed };
            assert_eq!(kind, expected, "{round}");
        }
    }
}

/// A session that began without a certificate, at another listener, is worth nothing where one is required.
#[tokio::test]
async fn a_session_is_not_resumed_at_another_listener() {
    let authority = Authority::new();
    authority.issue("a", &["a.example"]);
    let open = Edge::start(&authority, ONE).await;
    let closed = Edge::start(&authority, &format!("{ONE}, client_ca_file = \"ca.pem\"")).await;
    for versions in EACH_VERSION {
        let config = Client { versions, ..authority.client() }.config();
        connect(config.clone(), open.addr, "a.example").await.unwrap().get(&[]).await;
        match connect(config.clone(), closed.addr, "a.example").await {
            Err(error) => assert!(error.to_string().contains("CertificateRequired"), "{error}"),
            // In TLS 1.3 the client hears of it when it reads.
            Ok(mut connection) => {
                let error = connection.rest().await.unwrap_err().to_string();
                assert!(error.contains("CertificateRequired"), "{error}");
            }
        }
    }
    assert!(closed.upstream.requests().is_empty());
}
