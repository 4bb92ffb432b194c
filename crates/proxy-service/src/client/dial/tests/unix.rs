//! Unix sockets.

use std::path::PathBuf;

use socket2::{Domain, SockAddr, Socket, Type};
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use tokio::net::UnixListener;

use super::speaking::{answer, ask, write_vectored};
use super::*;

/// A socket's path in a temporary directory, which is removed when this is dropped.
struct Place {
    _directory: TempDir,
    socket: PathBuf,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let socket = directory.path().join("app.sock");
        Self { _directory: directory, socket }
    }

    fn target(&self) -> String {
        format!("http://unix:{}:/v1", self.socket.display())
    }
}

#[tokio::test]
async fn http_is_spoken_over_a_unix_socket() {
    let place = Place::new();
    let listener = UnixListener::bind(&place.socket).unwrap();
    for (protocols, protocol, version) in
        [(Protocols::Auto, Protocol::Http1, "HTTP/1.1"), (Protocols::Http2, Protocol::Http2, "HTTP/2.0")]
    {
        let transport = dial(protocols, &place.target()).await.unwrap();
        assert_eq!(format!("{transport:?}"), format!("Transport({protocol:?} over unix)"));
        tokio::spawn(answer(listener.accept().await.unwrap().0, protocol));
        let (_, asked_in) = ask(transport).await;
        assert_eq!(&asked_in[..], version.as_bytes());
    }
}

#[tokio::test]
async fn vectored_writes_pass_through() {
    let place = Place::new();
    let listener = UnixListener::bind(&place.socket).unwrap();
    let mut transport = dial(Protocols::Http1, &place.target()).await.unwrap();
    let (mut upstream, _) = listener.accept().await.unwrap();
    assert_eq!(write_vectored(&mut transport, [b"head", b"body"]).await, 8);
    let mut received = [0; 8];
    upstream.read_exact(&mut received).await.unwrap();
    assert_eq!(&received, b"headbody");
}

#[tokio::test]
async fn nobody_there_is_a_refusal() {
    let place = Place::new();
    let missing = dial(Protocols::Http1, &place.target()).await.unwrap_err();
    assert_eq!(kind(missing), ErrorKind::ConnectionRefused);

    drop(UnixListener::bind(&place.socket).unwrap());
    let left_behind = dial(Protocols::Http1, &place.target()).await.unwrap_err();
    assert_eq!(kind(left_behind), ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn a_full_backlog_is_a_refusal() {
    let place = Place::new();
    let listener = Socket::new(Domain::UNIX, Type::STREAM, None).unwrap();
    listener.bind(&SockAddr::unix(&place.socket).unwrap()).unwrap();
    listener.listen(0).unwrap();
    let mut queued = Vec::new();
    let error = loop {
        match dial(Protocols::Http1, &place.target()).await {
            Ok(transport) => queued.push(transport),
            Err(error) => break error,
        }
        assert!(queued.len() < 10, "the backlog has no end");
    };
    assert_eq!(kind(error), ErrorKind::ConnectionRefused);
}
