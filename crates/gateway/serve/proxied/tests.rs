use proptest::collection::vec;
use proptest::prelude::*;
use tokio::io::{AsyncWriteExt as _, duplex};

use super::*;

const PROXY: &str = "192.0.2.99:7";
const OURS: &str = "198.51.100.1:80";

fn arrival() -> Arrival {
    Arrival::between(Some(PROXY.parse().unwrap()), Some(OURS.parse().unwrap()))
}

fn proxied() -> Proxied {
    Proxied::by(TrustedPeers::new(|ip| ip == PROXY.parse::<SocketAddr>().unwrap().ip()))
}

/// The addresses after a header, and what is left behind it.
async fn received(mut bytes: &[u8]) -> Result<(String, String, Vec<u8>), String> {
    let mut arrival = arrival();
    proxied().receive(&mut bytes, &mut arrival).await.map_err(|error| error.to_string())?;
    let shown = |addr: Option<SocketAddr>| addr.unwrap().to_string();
    Ok((shown(arrival.peer), shown(arrival.local), bytes.to_vec()))
}

fn v2(command: u8, family: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [SIGNATURE, &[command, family][..], &length, content].concat()
}

const IPV4: &[u8] = &[192, 0, 2, 1, 198, 51, 100, 7, 0x12, 0x67, 0, 80];

#[tokio::test]
async fn who_the_client_is() {
    let ipv6 =
        [&[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1][..], &[0; 15], &[1, 0, 1, 0, 2]].concat();
    let with_extensions = [IPV4, &[4, 0, 3, 1, 2, 3], &[0x20, 0, 1, 7]].concat();
    for (header, client, server) in [
        (b"PROXY TCP4 192.0.2.1 198.51.100.7 4711 80\r\n".to_vec(), "192.0.2.1:4711", "198.51.100.7:80"),
        (b"PROXY TCP6 2001:db8::1 ::1 1 2\r\n".to_vec(), "[2001:db8::1]:1", "[::1]:2"),
        (b"PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n".to_vec(), "192.0.2.1:1", "[::1]:2"),
        (v2(0x21, 0x11, IPV4), "192.0.2.1:4711", "198.51.100.7:80"),
        (v2(0x21, 0x11, &with_extensions), "192.0.2.1:4711", "198.51.100.7:80"),
        (v2(0x21, 0x21, &ipv6), "[2001:db8::1]:1", "[::1]:2"),
    ] {
        let bytes = [header.as_slice(), b"GET / HTTP/1.1\r\n"].concat();
        let expected = (client.to_owned(), server.to_owned(), b"GET / HTTP/1.1\r\n".to_vec());
        assert_eq!(received(&bytes).await, Ok(expected), "{}", header.escape_ascii());
    }
}

#[tokio::test]
async fn who_speaks_for_itself_stays_who_it_is() {
    for header in [
        b"PROXY UNKNOWN\r\n".to_vec(),
        b"PROXY UNKNOWN 192.0.2.1 192.0.2.2 1 2\r\n".to_vec(),
        v2(0x20, 0, b""),
        v2(0x20, 0x11, IPV4),
        v2(0x21, 0, b""),
        v2(0x21, 0x12, IPV4),
        v2(0x21, 0x31, &[0; 216]),
    ] {
        let expected = (PROXY.to_owned(), OURS.to_owned(), Vec::new());
        assert_eq!(received(&header).await, Ok(expected), "{}", header.escape_ascii());
    }
}

#[tokio::test]
async fn what_is_no_header_is_refused() {
    let long = v2(0x21, 0x11, &[IPV4, &[0; MOST_OF_V2]].concat());
    for (bytes, why) in [
        (&b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"[..], "doesn't begin"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "doesn't begin"),
        (b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\0\0\0\0\0", "doesn't begin"),
        (b"PROXY TCP4 192.0.2.1 198.51.100.7 4711\r\n", "doesn't begin"),
        (b"PROXY TCP4 192.0.2.1 198.51.100.7 4711 65536\r\n", "doesn't begin"),
        (b"PROXY TCP4 a b 1 2\r\n", "doesn't begin"),
        (b"PROXY TCP4 192.0.2.1 198.51.100.7 4711 80\n", "doesn't begin"),
        (b"proxy tcp4 192.0.2.1 198.51.100.7 4711 80\r\n", "doesn't begin"),
        (&[b"PROXY UNKNOWN ".as_slice(), &[b'x'; 200], b"\r\n"].concat(), "too long"),
        (&v2(0x31, 0x11, IPV4), "doesn't begin"),
        (&v2(0x22, 0x11, IPV4), "doesn't begin"),
        (&v2(0x21, 0x11, &IPV4[1..]), "doesn't begin"),
        (&long, "too long"),
        (b"PROXY TCP4 192.0.2.1", "broke off"),
        (&v2(0x21, 0x11, IPV4)[..20], "broke off"),
        (b"", "broke off"),
    ] {
        let refused = received(bytes).await.unwrap_err();
        assert!(refused.contains(why), "{}: {refused}", bytes.escape_ascii());
    }
}

#[tokio::test]
async fn nobody_else_may_speak_for_others() {
    let mut bytes = &b"PROXY TCP4 192.0.2.1 198.51.100.7 4711 80\r\n"[..];
    let mut stranger = Arrival { peer: Some("192.0.2.98:7".parse().unwrap()), ..arrival() };
    let refused = proxied().receive(&mut bytes, &mut stranger).await.unwrap_err();
    assert!(matches!(refused, Unproxied::Untrusted));
    assert_eq!(stranger.peer, Some("192.0.2.98:7".parse().unwrap()));
}

/// Whoever may open the socket may say who the client is.
#[tokio::test]
async fn over_a_unix_socket_everybody_may() {
    let mut bytes = &b"PROXY TCP4 192.0.2.1 198.51.100.7 4711 80\r\n"[..];
    let mut local = Arrival::between(None, None);
    proxied().receive(&mut bytes, &mut local).await.unwrap();
    assert_eq!(local.peer, Some("192.0.2.1:4711".parse().unwrap()));
}

#[tokio::test]
async fn a_header_may_come_in_pieces() {
    for header in [&b"PROXY TCP4 192.0.2.1 198.51.100.7 4711 80\r\n"[..], &v2(0x21, 0x11, IPV4)] {
        let (mut near, mut far) = duplex(1);
        let sent = [header, b"rest"].concat();
        tokio::spawn(async move { near.write_all(&sent).await });
        let mut arrival = arrival();
        proxied().receive(&mut far, &mut arrival).await.unwrap();
        assert_eq!(arrival.peer, Some("192.0.2.1:4711".parse().unwrap()));
        let mut rest = Vec::new();
        far.read_to_end(&mut rest).await.unwrap();
        assert_eq!(rest, b"rest");
    }
}

proptest! {
    #[test]
    fn anything_else_harms_nobody(start in 0..3_usize, bytes in vec(any::<u8>(), 0..300)) {
        let start = [&b""[..], b"PROXY ", SIGNATURE][start];
        let bytes = [start, &bytes].concat();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let _ = runtime.block_on(received(&bytes));
    }
}
