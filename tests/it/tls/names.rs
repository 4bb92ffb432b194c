//! Which certificate a client gets.

use rcgen::{PKCS_ECDSA_P256_SHA256, PKCS_ED25519};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::support::{Authority, Edge};
use crate::support::tools::require;
use crate::support::within;

const TWO: &str =
    "certificates = [{ cert = \"a.pem\", key = \"a.key\" }, { cert = \"b.pem\", key = \"b.key\" }]";

fn authority() -> Authority {
    let authority = Authority::new();
    authority.issue("a", &["a.example"]);
    authority.issue("b", &["b.example", "*.b.example"]);
    authority
}

#[tokio::test]
async fn each_name_gets_its_certificate() {
    let authority = authority();
    let edge = Edge::start(&authority, TWO).await;
    for (name, file) in [
        ("a.example", "a"),
        ("b.example", "b"),
        ("www.b.example", "b"),
        ("A.EXAMPLE", "a"),
        ("x.B.example", "b"),
    ] {
        let mut connection = authority.client().connect(edge.addr, name).await.unwrap();
        assert!(connection.shown() == authority.certificate(file), "{name}");
        connection.get(&[]).await;
    }
}

/// A client that checks names refuses the default, so this one doesn't.
#[tokio::test]
async fn other_names_get_the_first_certificate() {
    let authority = authority();
    let edge = Edge::start(&authority, TWO).await;
    for name in ["c.example", "y.x.b.example"] {
        let error = authority.client().connect(edge.addr, name).await.err().unwrap().to_string();
        assert!(error.contains("not valid for name"), "{name}: {error}");
    }
}

#[tokio::test]
async fn other_names_are_refused_if_so_wished() {
    let authority = authority();
    let edge = Edge::start(&authority, &format!("{TWO}, unknown_names = \"refuse\"")).await;
    for name in ["c.example", "y.x.b.example", "127.0.0.1"] {
        let error = authority.client().connect(edge.addr, name).await.err().unwrap().to_string();
        assert!(error.contains("UnrecognisedName"), "{name}: {error}");
    }
    authority.client().connect(edge.addr, "www.b.example").await.unwrap().get(&[]).await;
}

/// One name, two certificates: old clients can check RSA only, so both may be there. (Here it is Ed25519, whose keys are
/// made quickly.)
#[tokio::test]
async fn a_client_gets_the_certificate_that_it_can_check() {
    let authority = Authority::new();
    authority.issue_with("a", &["a.example"], &PKCS_ED25519);
    authority.issue_with("b", &["a.example"], &PKCS_ECDSA_P256_SHA256);
    let edge = Edge::start(&authority, TWO).await;
    let Some(openssl) = require("openssl") else { return };
    for (schemes, file) in [("ed25519", "a"), ("ECDSA+SHA256", "b"), ("ECDSA+SHA256:ed25519", "a")] {
        let mut command = tokio::process::Command::new(&openssl);
        command.args(["s_client", "-servername", "a.example", "-sigalgs", schemes, "-connect"]);
        command.arg(edge.addr.to_string()).stdin(std::process::Stdio::null()).kill_on_drop(true);
        let output = within("openssl", command.output()).await.unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let pem = std::fs::read_to_string(authority.path(&format!("{file}.pem"))).unwrap().replace('\r', "");
        assert!(text.contains(pem.trim()), "{schemes}: {text}");
    }
}

#[tokio::test]
async fn plain_http_is_told_what_the_port_speaks() {
    let authority = authority();
    let edge = Edge::start(&authority, TWO).await;
    for request in ["GET / HTTP/1.1\r\nHost: a.example\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        let mut client = TcpStream::connect(edge.addr).await.unwrap();
        client.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        within("the answer", client.read_to_string(&mut answer)).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{answer}");
        assert!(answer.ends_with("\r\n\r\nThis port speaks HTTPS: use https://\n"), "{answer}");
    }
}
