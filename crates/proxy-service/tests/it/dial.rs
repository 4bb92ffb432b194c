//! Finding out whether an upstream can be connected to, without sending a request.

use bytes::Bytes;
use http_body_util::Empty;
use proxy_service::{Client, ErrorKind, Stage, Target, client};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpSocket};

#[tokio::test]
async fn it_connects_sends_nothing_and_closes() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target: Target = format!("http://{}/base", listener.local_addr().unwrap()).parse().unwrap();
    let client: Client<Empty<Bytes>> = client();
    client.dial(&target).await.unwrap();
    let (mut connection, _) = listener.accept().await.unwrap();
    let mut received = Vec::new();
    connection.read_to_end(&mut received).await.unwrap();
    assert_eq!(received, b"");
}

#[tokio::test]
async fn nobody_there_is_what_a_request_would_be_told() {
    // The socket is bound and does not listen: connections are refused, and no other process gets the port.
    let bound = TcpSocket::new_v4().unwrap();
    bound.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let target: Target = format!("http://{}", bound.local_addr().unwrap()).parse().unwrap();
    let error = client::<Empty<Bytes>>().dial(&target).await.unwrap_err();
    assert_eq!((error.kind(), error.stage()), (ErrorKind::ConnectionRefused, Stage::Connect));
}
