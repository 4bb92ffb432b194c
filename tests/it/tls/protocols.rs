//! Versions of TLS, and the protocol that is agreed on for what comes next.

use tokio::io::AsyncWriteExt as _;

use super::support::{Client, EACH_VERSION, one, one_with};
use crate::support::tools::require;
use crate::support::within;

#[tokio::test]
async fn both_versions_are_spoken() {
    let (authority, edge) = one().await;
    for versions in EACH_VERSION {
        let client = Client { versions, ..authority.client() };
        let mut connection = client.connect(edge.addr, "a.example").await.unwrap();
        assert_eq!(connection.0.get_ref().1.protocol_version(), Some(versions[0].version));
        connection.get(&[]).await;
    }
}

#[tokio::test]
async fn the_older_version_can_be_ruled_out() {
    let (authority, edge) = one_with("min_version = \"1.3\"").await;
    let old = Client { versions: EACH_VERSION[0], ..authority.client() };
    let error = old.connect(edge.addr, "a.example").await.err().unwrap().to_string();
    assert!(error.contains("ProtocolVersion"), "{error}");
    authority.client().connect(edge.addr, "a.example").await.unwrap().get(&[]).await;
}

#[tokio::test]
async fn the_protocol_is_agreed_on() {
    let (authority, edge) = one().await;
    for (offered, agreed) in [
        (&["h2", "http/1.1"][..], Some("h2")),
        (&["http/1.1", "h2"], Some("h2")),
        (&["http/1.1"], Some("http/1.1")),
        (&["http/1.0"], Some("http/1.0")),
        (&[], None),
    ] {
        let client = Client { protocols: offered, ..authority.client() };
        let connection = client.connect(edge.addr, "a.example").await.unwrap();
        assert_eq!(connection.0.get_ref().1.alpn_protocol(), agreed.map(str::as_bytes), "{offered:?}");
    }
    let client = Client { protocols: &["smtp"], ..authority.client() };
    let error = client.connect(edge.addr, "a.example").await.err().unwrap().to_string();
    assert!(error.contains("NoApplicationProtocol"), "{error}");
}

/// A client can't agree on one protocol and speak the other.
#[tokio::test]
async fn the_agreed_protocol_is_spoken() {
    const PREFACE: &str = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    const REQUEST: &str = "GET /api/x HTTP/1.1\r\nHost: a.example\r\n\r\n";
    let (authority, edge) = one().await;
    for (protocols, sent) in [(&["h2"][..], REQUEST), (&["http/1.1"], PREFACE)] {
        let client = Client { protocols, ..authority.client() };
        let mut connection = client.connect(edge.addr, "a.example").await.unwrap();
        connection.0.write_all(sent.as_bytes()).await.unwrap();
        assert_eq!(connection.rest().await.unwrap_or_default(), b"", "{protocols:?}");
    }
    assert!(edge.upstream.requests().is_empty());
}

#[tokio::test]
async fn curl_speaks_each_version_of_http() {
    let (authority, edge) = one().await;
    let Some(curl) = require("curl") else { return };
    for (option, version) in [("--http1.0", "1"), ("--http1.1", "1.1"), ("--http2", "2")] {
        let mut command = tokio::process::Command::new(&curl);
        command.args([
            "--silent",
            "--show-error",
            "--noproxy",
            "*",
            option,
            "-w",
            " %{http_version}",
            "--cacert",
        ]);
        command.arg(authority.path("ca.pem")).arg("--resolve");
        command.arg(format!("a.example:{}:127.0.0.1", edge.addr.port()));
        command.arg(format!("https://a.example:{}/api/x", edge.addr.port())).kill_on_drop(true);
        let output = within("curl", command.output()).await.unwrap();
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            format!("hello {version}"),
            "{option}: {output:?}"
        );
    }
}
