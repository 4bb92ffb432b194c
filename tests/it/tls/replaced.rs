//! Certificates that are replaced while the gateway serves.

use std::fs;

use super::support::{Authority, Edge, ONE, connect, one};
use crate::support::within;

/// Waits until new connections get the certificate in `FILE.pem`.
async fn until_shown(authority: &Authority, edge: &Edge, name: &str, file: &str) {
    let expected = authority.certificate(file);
    let asking = async {
        loop {
            let connection = authority.client().connect(edge.addr, name).await;
            if connection.is_ok_and(|connection| connection.shown() == expected) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    within("the new certificate", asking).await;
}

#[tokio::test]
async fn a_new_certificate_is_shown_and_no_connection_is_closed() {
    let (authority, edge) = one().await;
    let mut kept = authority.client().connect(edge.addr, "a.example").await.unwrap();
    let old = kept.shown();
    kept.get(&[]).await;
    authority.issue("a", &["a.example"]);
    until_shown(&authority, &edge, "a.example", "a").await;
    assert!(old != authority.certificate("a"));
    kept.get(&[]).await;
}

/// The key comes after its certificate: until then, the old pair is shown.
#[tokio::test]
async fn half_a_pair_changes_nothing() {
    let authority = Authority::new();
    authority.issue("a", &["a.example"]);
    authority.issue("b", &["b.example"]);
    let both =
        "certificates = [{ cert = \"a.pem\", key = \"a.key\" }, { cert = \"b.pem\", key = \"b.key\" }]";
    let edge = Edge::start(&authority, both).await;
    let old = authority.certificate("a");
    authority.issue("new", &["a.example"]);
    fs::copy(authority.path("new.pem"), authority.path("a.pem")).unwrap();
    // When this one is shown, the half pair has been looked at as well.
    authority.issue("b", &["b.example"]);
    until_shown(&authority, &edge, "b.example", "b").await;
    let shown = authority.client().connect(edge.addr, "a.example").await.unwrap().shown();
    assert!(shown == old);
    fs::copy(authority.path("new.key"), authority.path("a.key")).unwrap();
    until_shown(&authority, &edge, "a.example", "new").await;
}

/// As Kubernetes replaces a secret: the files stay, and a symbolic link above them leads elsewhere.
#[cfg(unix)]
#[tokio::test]
async fn a_link_above_the_files_may_change() {
    use std::os::unix::fs::symlink;

    let authority = Authority::new();
    for version in ["one", "two"] {
        fs::create_dir(authority.path(version)).unwrap();
        authority.issue(&format!("{version}/site"), &["a.example"]);
    }
    symlink("one", authority.path("data")).unwrap();
    let edge = Edge::start(&authority, "cert = \"data/site.pem\", key = \"data/site.key\"").await;
    until_shown(&authority, &edge, "a.example", "one/site").await;
    symlink("two", authority.path("new")).unwrap();
    fs::rename(authority.path("new"), authority.path("data")).unwrap();
    until_shown(&authority, &edge, "a.example", "two/site").await;
}

#[tokio::test]
async fn a_reload_changes_what_the_next_handshake_sees() {
    let (authority, edge) = one().await;
    authority.issue("b", &["b.example"]);
    let mut kept = authority.client().connect(edge.addr, "a.example").await.unwrap();
    kept.get(&[]).await;
    let config = authority.client().config();
    connect(config.clone(), edge.addr, "a.example").await.unwrap().get(&[]).await;
    edge.apply(&authority, "cert = \"b.pem\", key = \"b.key\", hsts = \"1d\", unknown_names = \"refuse\"")
        .await;

    let mut new = authority.client().connect(edge.addr, "b.example").await.unwrap();
    assert!(new.shown() == authority.certificate("b"));
    assert!(new.get(&[]).await.contains("strict-transport-security: max-age=86400"));
    let error = connect(config, edge.addr, "a.example").await.err().unwrap().to_string();
    assert!(error.contains("UnrecognisedName"), "{error}");
    kept.get(&[]).await;
}

/// Those who began without a certificate can't go on without one.
#[tokio::test]
async fn a_reload_that_asks_for_certificates_ends_old_sessions() {
    let (authority, edge) = one().await;
    let config = authority.client().config();
    connect(config.clone(), edge.addr, "a.example").await.unwrap().get(&[]).await;
    edge.apply(&authority, &format!("{ONE}, client_ca_file = \"ca.pem\"")).await;
    let refused = match connect(config, edge.addr, "a.example").await {
        Err(error) => error,
        Ok(mut connection) => connection.rest().await.unwrap_err(),
    };
    assert!(refused.to_string().contains("CertificateRequired"), "{refused}");
}
