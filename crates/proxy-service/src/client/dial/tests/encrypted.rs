//! TLS: which certificates are accepted, and what ALPN chooses.

use std::sync::Arc;

use rustls::{ClientConfig, ServerConfig};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::authority::Authority;
use super::speaking::{answer, ask};
use super::*;

/// Makes one connection to `host`: the results of both ends.
async fn meet(
    dialer: &Dialer,
    host: &str,
    server: ServerConfig,
) -> (Result<Transport, DialError>, io::Result<TlsStream<TcpStream>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target: Target = format!("https://{host}:{}", listener.local_addr().unwrap().port()).parse().unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(server));
    let accepted = async { acceptor.accept(listener.accept().await.unwrap().0).await };
    tokio::join!(dialer.dial(&target, None), accepted)
}

fn dialer(protocols: Protocols, tls: ClientConfig) -> Dialer {
    Dialer::new(DialOptions { tls: Some(Arc::new(tls)), ..options(protocols) })
}

fn speaking(mut server: ServerConfig, alpn: &[&str]) -> ServerConfig {
    server.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    server
}

#[tokio::test]
async fn alpn_decides() {
    const NONE: Result<Protocol, ErrorKind> = Err(ErrorKind::TlsProtocolError);
    let (h1, h2) = (Ok(Protocol::Http1), Ok(Protocol::Http2));
    let authority = Authority::new();
    for (protocols, server, expected) in [
        (Protocols::Http1, &["h2", "http/1.1"] as &[_], h1),
        (Protocols::Http1, &[], h1),
        (Protocols::Http1, &["h2"], NONE),
        (Protocols::Auto, &["h2", "http/1.1"], h2),
        (Protocols::Auto, &["http/1.1"], h1),
        (Protocols::Auto, &[], h1),
        (Protocols::Auto, &["h2"], h2),
        (Protocols::Auto, &["h3"], NONE),
        (Protocols::Http2, &["http/1.1", "h2"], h2),
        (Protocols::Http2, &["http/1.1"], NONE),
        (Protocols::Http2, &[], NONE),
    ] {
        let dialer = dialer(protocols, authority.trusting());
        let config = speaking(authority.server(&["localhost"]), server);
        let (dialed, _accepted) = meet(&dialer, "localhost", config).await;
        assert_eq!(
            dialed.map(|transport| transport.protocol()).map_err(kind),
            expected,
            "{protocols:?} {server:?}"
        );
    }
}

#[tokio::test]
async fn an_upstream_that_knows_no_alpn_is_told_apart_from_one_that_fails() {
    let authority = Authority::new();
    let dialer = dialer(Protocols::Http2, authority.trusting());
    let (dialed, accepted) = meet(&dialer, "localhost", authority.server(&["localhost"])).await;
    assert!(accepted.is_ok());
    assert_eq!(dialed.unwrap_err().to_string(), "the upstream did not agree to HTTP/2 (ALPN h2)");
}

#[tokio::test]
async fn what_was_agreed_on_is_spoken() {
    let authority = Authority::new();
    for (protocols, protocol, version) in
        [(Protocols::Http1, Protocol::Http1, "HTTP/1.1"), (Protocols::Auto, Protocol::Http2, "HTTP/2.0")]
    {
        let config = speaking(authority.server(&["localhost"]), &["h2", "http/1.1"]);
        let (dialed, accepted) = meet(&dialer(protocols, authority.trusting()), "localhost", config).await;
        tokio::spawn(answer(accepted.unwrap(), protocol));
        let (_, asked_in) = ask(dialed.unwrap()).await;
        assert_eq!(&asked_in[..], version.as_bytes());
    }
}

#[tokio::test]
async fn the_name_is_sent_and_an_address_is_not() {
    let authority = Authority::new();
    let dialer = dialer(Protocols::Auto, authority.trusting());
    for (host, sni) in [("localhost", Some("localhost")), ("127.0.0.1", None)] {
        let (dialed, accepted) = meet(&dialer, host, authority.server(&[host])).await;
        assert_eq!(accepted.unwrap().get_ref().1.server_name(), sni);
        assert_eq!(format!("{:?}", dialed.unwrap()), "Transport(Http1 over tls)");
    }
}

#[tokio::test]
async fn an_unknown_authority_or_another_name_is_a_certificate_error() {
    let (known, unknown) = (Authority::new(), Authority::new());
    let by_default = Dialer::new(options(Protocols::Auto));
    let trusting = dialer(Protocols::Auto, known.trusting());
    for (dialer, host, server) in [
        (&by_default, "localhost", known.server(&["localhost"])),
        (&trusting, "localhost", unknown.server(&["localhost"])),
        (&trusting, "localhost", known.server(&["other.example"])),
        (&trusting, "127.0.0.1", known.server(&["localhost"])),
    ] {
        let (dialed, _accepted) = meet(dialer, host, server).await;
        assert_eq!(kind(dialed.unwrap_err()), ErrorKind::TlsCertificateError, "{host}");
    }
}

#[tokio::test]
async fn a_certificate_is_shown_to_who_asks_for_it() {
    let authority = Authority::new();
    let dialer = dialer(Protocols::Auto, authority.certified_client());
    let (dialed, accepted) = meet(&dialer, "localhost", authority.strict_server(&["localhost"])).await;
    dialed.unwrap();
    assert!(accepted.unwrap().get_ref().1.peer_certificates().is_some());
}

#[tokio::test]
async fn a_host_that_no_certificate_can_name_is_an_error() {
    let authority = Authority::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let tls = tls::Tls::new(Some(Arc::new(authority.trusting())), Protocols::Auto, None);
    let error = tls.handshake(stream, "a~b", LIMIT).await.unwrap_err();
    assert_eq!(error.to_string(), "no TLS handshake");
    assert_eq!(kind(error), ErrorKind::TlsProtocolError);
}

/// An upstream that answers without a handshake: its bytes aren't taken for an answer.
#[tokio::test]
async fn an_answer_in_plain_text_is_a_protocol_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = format!("https://{}", listener.local_addr().unwrap());
    let upstream = async {
        let (mut socket, _) = listener.accept().await.unwrap();
        socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil").await.unwrap();
        socket
    };
    let (dialed, _socket) = tokio::join!(dial(Protocols::Auto, &target), upstream);
    assert_eq!(kind(dialed.unwrap_err()), ErrorKind::TlsProtocolError);
}

#[tokio::test]
async fn a_close_in_the_handshake_is_a_terminated_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = format!("https://{}", listener.local_addr().unwrap());
    let upstream = async { drop(listener.accept().await.unwrap()) };
    let (dialed, ()) = tokio::join!(dial(Protocols::Auto, &target), upstream);
    assert_eq!(kind(dialed.unwrap_err()), ErrorKind::ConnectionTerminated);
}

#[tokio::test(start_paused = true)]
async fn a_handshake_that_never_ends_is_a_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let began = Instant::now();
    let target = format!("https://{}", listener.local_addr().unwrap());
    let error = dial(Protocols::Auto, &target).await.unwrap_err();
    assert!(matches!(error, DialError::Handshake(_)), "{error:?}");
    assert_eq!(kind(error), ErrorKind::ConnectionTimeout);
    assert_eq!(began.elapsed(), LIMIT);
}
