//! What other projects' tools say of the listener: openssl and nmap.

use std::ffi::OsStr;
use std::process::Stdio;

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::support::{Authority, Edge, ONE, one};
use crate::support::tools::require;
use crate::support::within;

/// What a run of openssl prints, on both streams. It gets `input` on its standard input.
async fn openssl<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>, input: &str) -> Option<String> {
    let mut command = Command::new(require("openssl")?);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let _it_may_be_gone = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    let output = within("openssl", child.wait_with_output()).await.unwrap();
    Some(String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

async fn s_client(edge: &Edge, args: &[&str], input: &str) -> Option<String> {
    let addr = edge.addr.to_string();
    let all = [&["s_client", "-connect", &addr, "-servername", "a.example"], args].concat();
    openssl(all, input).await
}

#[tokio::test]
async fn nothing_weak_is_agreed_on() {
    let (_authority, edge) = one().await;
    for version in ["-tls1", "-tls1_1"] {
        let Some(said) = s_client(&edge, &[version, "-cipher", "ALL:@SECLEVEL=0"], "").await else { return };
        assert!(said.contains("Cipher is (NONE)"), "{version}: {said}");
    }
    let all = openssl(["ciphers", "-tls1_2", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"], "").await.unwrap();
    let (mut refused, mut accepted) = (0, Vec::new());
    for cipher in all.trim().split(':').filter(|cipher| !cipher.starts_with("TLS_")) {
        let only = format!("{cipher}:@SECLEVEL=0");
        let said = s_client(&edge, &["-tls1_2", "-cipher", &only], "").await.unwrap();
        match said.contains("Cipher is (NONE)") {
            true => refused += 1,
            false => accepted.push(cipher),
        }
    }
    accepted.sort_unstable();
    let strong =
        ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"];
    assert_eq!(accepted, strong);
    assert!(refused > 50, "{refused}");
}

#[tokio::test]
async fn nothing_is_renegotiated_or_compressed() {
    let authority = Authority::new();
    authority.issue("a", &["a.example"]);
    let edge = Edge::start_with(&authority, ONE, "[timeouts]\nrequest_head = \"1s\"").await;
    let Some(said) = s_client(&edge, &["-tls1_2"], "R\n").await else { return };
    assert!(
        said.contains("Compression: NONE") && said.contains("Secure Renegotiation IS supported"),
        "{said}"
    );
    // The client waits for an answer until its time for a request is over.
    let (_, renegotiated) = said.split_once("RENEGOTIATING").unwrap();
    assert!(renegotiated.contains(":error:"), "{said}");
}

#[tokio::test]
async fn nmap_finds_nothing_below_its_best_mark() {
    let (_authority, edge) = one().await;
    let Some(nmap) = require("nmap") else { return };
    let mut command = Command::new(nmap);
    command.args(["-Pn", "--script", "ssl-enum-ciphers", "-p", &edge.addr.port().to_string(), "127.0.0.1"]);
    let output = within("nmap", command.stdin(Stdio::null()).kill_on_drop(true).output()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("TLSv1.2") && said.contains("least strength: A"), "{said}");
    assert!(!said.contains("TLSv1.0") && !said.contains("TLSv1.1") && !said.contains("SSLv3"), "{said}");
}

/// Makes the answer that the certificate isn't revoked, and has it stapled.
#[tokio::test]
async fn the_ocsp_response_is_stapled() {
    let authority = Authority::new();
    authority.issue("a", &["a.example"]);
    let path = |file: &str| authority.path(file).to_str().unwrap().to_owned();
    let Some(serial) = openssl(["x509", "-in", &path("a.pem"), "-noout", "-serial"], "").await else {
        return;
    };
    let serial = serial.trim().trim_start_matches("serial=");
    std::fs::write(authority.path("index"), format!("V\t401231235959Z\t\t{serial}\tunknown\t/CN=a\n"))
        .unwrap();
    std::fs::write(authority.path("ca.key"), authority.key()).unwrap();
    let (index, ca, key, cert, response) =
        (path("index"), path("ca.pem"), path("ca.key"), path("a.pem"), path("a.ocsp"));
    let said = openssl(
        [
            "ocsp", "-index", &index, "-CA", &ca, "-rsigner", &ca, "-rkey", &key, "-issuer", &ca, "-cert",
            &cert, "-respout", &response, "-ndays", "1",
        ],
        "",
    )
    .await
    .unwrap();
    assert!(authority.path("a.ocsp").exists(), "{said}");

    let edge = Edge::start(&authority, &format!("{ONE}, ocsp = \"a.ocsp\"")).await;
    for version in ["-tls1_2", "-tls1_3"] {
        let said = s_client(&edge, &[version, "-status", "-CAfile", &ca], "").await.unwrap();
        assert!(said.contains("OCSP Response Status: successful (0x0)"), "{version}: {said}");
        assert!(said.contains("Cert Status: good"), "{version}: {said}");
    }
}
