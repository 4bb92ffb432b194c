use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Empty;
use hyper_util::client::legacy::connect::Connection;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::time::timeout;
use tower::ServiceExt;

use super::*;
use crate::request_body::Limits;
use crate::{classify, error::ErrorKind};

const PATIENCE: Duration = Duration::from_secs(10);

fn connector() -> Connector {
    Connector::new(
        PATIENCE,
        #[cfg(feature = "tls")]
        connector::default_tls(),
    )
}

fn get(listener: &TcpListener) -> Request<RequestBody<Empty<Bytes>>> {
    let limits = Limits { idle: Duration::MAX, max_body: 0, held_for: None };
    let (body, _home) = RequestBody::new(Empty::new(), None, limits);
    Request::get(format!("http://{}/", listener.local_addr().unwrap())).body(body).unwrap()
}

#[tokio::test]
async fn a_request_is_given_up_when_its_connection_is_gone_and_hyper_says_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut response = pin!(client().call(get(&listener)));
    let taken = async {
        let (mut socket, _) = listener.accept().await.unwrap();
        assert_ne!(socket.read(&mut [0; 1024]).await.unwrap(), 0);
        socket
    };
    let _never_answers = tokio::select! {
        head = &mut response => panic!("{head:?}"),
        socket = taken => socket,
    };
    let connection = response.connection.connection_metadata().as_ref().and_then(History::of).unwrap();
    tokio::time::pause();
    connection.note_end();
    let error = timeout(PATIENCE, response).await.unwrap().unwrap_err();
    assert!(!error.is_on_reused_connection());
    let outcome = classify::outcome(error.into());
    assert_eq!(outcome.error.kind(), ErrorKind::ConnectionTerminated);
    assert!(outcome.died && !outcome.unsent);
}

#[tokio::test]
async fn a_connection_says_that_it_is_gone() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    let connection = connector().oneshot(uri).await.unwrap();
    let history = History::of(&connection.connected()).unwrap();
    drop(connection);
    timeout(PATIENCE, history.end()).await.unwrap();
}
