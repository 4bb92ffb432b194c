//! Connecting over TCP, and how that can fail.

use std::error::Error;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket};
use tokio::time::Instant;

use super::unreachable::{Deaf, Refusing};
use super::*;

#[tokio::test]
async fn a_listener_is_connected_to_by_address_and_by_name() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    for host in ["127.0.0.1", "localhost", "0.0.0.0"] {
        let transport = dial(Protocols::Auto, &format!("http://{host}:{port}")).await.unwrap();
        assert_eq!(format!("{transport:?}"), "Transport(Http1 over tcp)", "{host}");
        listener.accept().await.unwrap();
    }
}

#[tokio::test]
async fn sockets_send_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stream = tcp::connect(listener.local_addr().unwrap()).await.unwrap();
    assert!(stream.nodelay().unwrap());
}

#[tokio::test]
async fn a_refusal_is_said_so() {
    let refusing = Refusing::new();
    let error = dial(Protocols::Http1, &format!("http://{}", refusing.addr)).await.unwrap_err();
    assert_eq!(error.to_string(), "no connection");
    assert!(error.source().unwrap().is::<io::Error>());
    assert_eq!(kind(error), ErrorKind::ConnectionRefused);
}

#[tokio::test(start_paused = true)]
async fn silence_is_a_timeout() {
    let deaf = Deaf::new();
    let began = Instant::now();
    let error = dial(Protocols::Http1, &format!("http://{}", deaf.addr)).await.unwrap_err();
    assert_eq!(kind(error), ErrorKind::ConnectionTimeout);
    assert_eq!(began.elapsed(), LIMIT);
}

#[tokio::test]
async fn a_deaf_address_costs_a_head_start() {
    let (deaf, listener) = (Deaf::new(), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let began = Instant::now();
    let addresses = vec![deaf.addr, listener.local_addr().unwrap()];
    let stream = within(LIMIT, happy_eyeballs::first_to_connect(addresses, tcp::connect)).await.unwrap();
    assert_eq!(stream.peer_addr().unwrap(), listener.local_addr().unwrap());
    assert!((Duration::from_millis(250)..LIMIT).contains(&began.elapsed()));
}

#[tokio::test]
async fn a_name_that_nobody_has_is_a_dns_error() {
    let error = dial(Protocols::Http1, "http://nobody.invalid").await.unwrap_err();
    assert_eq!(error.to_string(), "no address to connect to");
    assert_eq!(kind(error), ErrorKind::DnsError);
}

#[test]
fn every_error_has_its_kind() {
    const EMFILE: i32 = 24;
    for (error, expected) in [
        (DialError::Resolve(DnsError::TimedOut), ErrorKind::DnsTimeout),
        (DialError::Resolve(DnsError::Failed(io::ErrorKind::TimedOut.into())), ErrorKind::DnsError),
        (DialError::Connect(io::ErrorKind::TimedOut.into()), ErrorKind::ConnectionTimeout),
        (DialError::Connect(io::ErrorKind::NetworkUnreachable.into()), ErrorKind::DestinationIpUnroutable),
        (DialError::Connect(io::ErrorKind::NetworkDown.into()), ErrorKind::DestinationIpUnroutable),
        (DialError::Connect(io::ErrorKind::ConnectionReset.into()), ErrorKind::ConnectionTerminated),
        (DialError::Connect(io::ErrorKind::NotFound.into()), ErrorKind::ConnectionRefused),
        (DialError::Connect(io::ErrorKind::PermissionDenied.into()), ErrorKind::ConnectionRefused),
        (DialError::Connect(io::Error::from_raw_os_error(EMFILE)), ErrorKind::ConnectionLimitReached),
        #[cfg(feature = "tls")]
        (DialError::Handshake(io::ErrorKind::UnexpectedEof.into()), ErrorKind::ConnectionTerminated),
        #[cfg(feature = "tls")]
        (DialError::NotHttp2, ErrorKind::TlsProtocolError),
    ] {
        let shown = format!("{error:?}");
        assert_eq!(kind(error), expected, "{shown}");
    }
}

/// One socket is both ends of the connection. This happens by chance if the system assigns it the port that it dials.
#[tokio::test]
async fn a_socket_connected_to_itself_is_seen_through() {
    let itself = TcpSocket::new_v4().unwrap();
    itself.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = itself.local_addr().unwrap();
    let stream = itself.connect(address).await.unwrap();
    assert!(tcp::is_connected_to_itself(&stream, address).unwrap());
    let any = SocketAddr::from(([0, 0, 0, 0], address.port()));
    assert!(tcp::is_connected_to_itself(&stream, any).unwrap());
}
