//! Connections that the program makes itself.

use std::future::ready;

use super::*;

fn dialer(protocols: Protocols, connect: fn() -> io::Result<Box<dyn ByteStream>>) -> Dialer {
    let own = OwnDial::new(move |_: &Target| ready(connect()));
    Dialer::new(DialOptions { own: Some(own), ..options(protocols) })
}

#[tokio::test]
async fn the_program_connects_whatever_the_target_is() {
    for (target, protocols, expected) in [
        ("http://name.invalid", Protocols::Auto, Protocol::Http1),
        ("https://name.invalid", Protocols::Auto, Protocol::Http1),
        ("https://name.invalid", Protocols::Http2, Protocol::Http2),
        ("http://unix:/nowhere/socket", Protocols::Http1, Protocol::Http1),
    ] {
        if target.starts_with("https") && !cfg!(feature = "tls") {
            continue;
        }
        let dialer = dialer(protocols, || Ok(Box::new(tokio::io::duplex(64).0)));
        let transport = dialer.dial(&target.parse().unwrap(), None).await.unwrap();
        assert_eq!(transport.protocol(), expected, "{target} {protocols:?}");
    }
}

#[tokio::test]
async fn its_error_is_that_of_a_connection() {
    let dialer = dialer(Protocols::Auto, || Err(io::ErrorKind::ConnectionRefused.into()));
    let error = dialer.dial(&"http://name.invalid".parse().unwrap(), None).await.unwrap_err();
    assert_eq!(kind(error), ErrorKind::ConnectionRefused);
}
