//! Where listeners listen.

use gateway::config::Address;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

use super::Gateway;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::within;

#[tokio::test]
async fn all_of_them_are_served() {
    let upstream = RecordingUpstream::start(|_| Script::ok("fine")).await;
    let gateway =
        Gateway::start(r#"["127.0.0.1:0", { address = "127.0.0.1:0" }, "localhost:0", ":0"]"#, &upstream);
    assert!(gateway.addresses.len() >= 4, "{:?}", gateway.addresses);
    for address in &gateway.addresses {
        let Address::Ip(address) = address else { panic!("{address} has no IP address") };
        let reachable = match address.ip().is_unspecified() {
            true => ([127, 0, 0, 1], address.port()).into(),
            false => *address,
        };
        let answer = RawClient::connect(reachable).await.get("/api/x").await;
        assert_eq!(answer.status(), 200, "{address}");
    }
}

/// Its clients have no address. Upstreams are told so, and what such a client says of itself is replaced even if everybody
/// else is trusted.
#[tokio::test]
async fn a_unix_socket_is_one_and_its_clients_are_unknown() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("gateway.sock");
    let upstream = RecordingUpstream::start(|_| Script::ok("fine")).await;
    let listen = format!("[\"unix:{}\"]\ntrusted_proxies = [\"0.0.0.0/0\"]", path.display());
    let gateway = Gateway::start(&listen, &upstream);
    for _ in 0..4 {
        let mut client = within("a connection", UnixStream::connect(&path)).await.unwrap();
        client
            .write_all(
                b"GET /api/x HTTP/1.1\r\nhost: a\r\nx-forwarded-for: 10.0.0.1\r\nconnection: close\r\n\r\n",
            )
            .await
            .unwrap();
        let mut answer = String::new();
        within("the answer", client.read_to_string(&mut answer)).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }
    let told = upstream.requests();
    assert!(told.iter().all(|request| request.headers.one("x-forwarded-for") == Some("unknown")), "{told:?}");
    gateway.shutdown.begin();
    gateway.ended().await;
    assert!(!path.exists(), "the file of a socket that nobody listens on");
}
