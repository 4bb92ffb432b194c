//! The header with which a connection begins if the upstream expects the PROXY protocol
//! (<https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt>): it says from where the client connected.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use crate::client::bound::Ends;

/// The form of the PROXY protocol's header that each connection to an upstream begins with:
/// [`ClientBuilder::send_proxy`](crate::ClientBuilder::send_proxy).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProxyHeader {
    /// Version 1: a line of text.
    V1,
    /// Version 2: binary.
    V2,
}

impl ProxyHeader {
    /// The header for a connection in the name of the client between these ends, or in the gateway's own name.
    pub(super) fn bytes(self, ends: Option<Ends>) -> Vec<u8> {
        match self {
            Self::V1 => text(ends).into_bytes(),
            Self::V2 => binary(ends),
        }
    }
}

fn text(ends: Option<Ends>) -> String {
    let Some((client, server)) = ends.map(of_one_family) else { return "PROXY UNKNOWN\r\n".to_owned() };
    let family = if client.is_ipv4() { "TCP4" } else { "TCP6" };
    format!("PROXY {family} {} {} {} {}\r\n", client.ip(), server.ip(), client.port(), server.port())
}

fn binary(ends: Option<Ends>) -> Vec<u8> {
    const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
    const LOCAL: u8 = 0x20;
    const PROXY: u8 = 0x21;
    const TCP_OVER_IPV4: u8 = 0x11;
    const TCP_OVER_IPV6: u8 = 0x21;
    let Some((client, server)) = ends.map(of_one_family) else {
        return [SIGNATURE, &[LOCAL, 0, 0, 0]].concat();
    };
    let (family, addresses) = match (client.ip(), server.ip()) {
        (IpAddr::V4(client), IpAddr::V4(server)) => {
            (TCP_OVER_IPV4, [client.octets(), server.octets()].concat())
        }
        (client, server) => (TCP_OVER_IPV6, [in_ipv6(client).octets(), in_ipv6(server).octets()].concat()),
    };
    let ports = [client.port().to_be_bytes(), server.port().to_be_bytes()].concat();
    let length = if family == TCP_OVER_IPV4 { 12 } else { 36 };
    [SIGNATURE, &[PROXY, family, 0, length], &addresses, &ports].concat()
}

/// Both addresses as IPv4, or else both as IPv6.
fn of_one_family(Ends { client, server }: Ends) -> (SocketAddr, SocketAddr) {
    let canonical = |addr: SocketAddr| SocketAddr::new(addr.ip().to_canonical(), addr.port());
    match (canonical(client), canonical(server)) {
        both @ ((SocketAddr::V4(_), SocketAddr::V4(_)) | (SocketAddr::V6(_), SocketAddr::V6(_))) => both,
        (client, server) => {
            let mapped = |addr: SocketAddr| SocketAddr::new(in_ipv6(addr.ip()).into(), addr.port());
            (mapped(client), mapped(server))
        }
    }
}

fn in_ipv6(ip: IpAddr) -> Ipv6Addr {
    match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped(),
        IpAddr::V6(ip) => ip,
    }
}

#[cfg(test)]
mod tests {
    use ppp::{HeaderResult, v1, v2};

    use super::*;

    fn ends(client: &str, server: &str) -> Option<Ends> {
        Some(Ends { client: client.parse().unwrap(), server: server.parse().unwrap() })
    }

    /// What the parser of the crate `ppp` reads: whether it is in the gateway's own name, and the addresses.
    fn read(header: &[u8]) -> (bool, Option<(SocketAddr, SocketAddr)>) {
        match HeaderResult::parse(header) {
            HeaderResult::V1(Ok(read)) => {
                assert_eq!(read.header.len(), header.len());
                match read.addresses {
                    v1::Addresses::Unknown => (true, None),
                    v1::Addresses::Tcp4(both) => (
                        false,
                        Some((
                            (both.source_address, both.source_port).into(),
                            (both.destination_address, both.destination_port).into(),
                        )),
                    ),
                    v1::Addresses::Tcp6(both) => (
                        false,
                        Some((
                            (both.source_address, both.source_port).into(),
                            (both.destination_address, both.destination_port).into(),
                        )),
                    ),
                }
            }
            HeaderResult::V2(Ok(read)) => {
                assert_eq!(read.len(), header.len());
                let addresses = match read.addresses {
                    v2::Addresses::IPv4(both) => Some((
                        (both.source_address, both.source_port).into(),
                        (both.destination_address, both.destination_port).into(),
                    )),
                    v2::Addresses::IPv6(both) => Some((
                        (both.source_address, both.source_port).into(),
                        (both.destination_address, both.destination_port).into(),
                    )),
                    _ => None,
                };
                (read.command == v2::Command::Local, addresses)
            }
            broken => panic!("{broken:?}"),
        }
    }

    #[test]
    fn both_forms_say_who_the_client_is() {
        for (client, server, as_read) in [
            ("192.0.2.1:65535", "198.51.100.7:1", None),
            ("[2001:db8::1]:4711", "[2001:db8::2]:443", None),
            ("[::ffff:192.0.2.1]:80", "198.51.100.7:443", Some(("192.0.2.1:80", "198.51.100.7:443"))),
            ("192.0.2.1:80", "[2001:db8::2]:443", Some(("[::ffff:192.0.2.1]:80", "[2001:db8::2]:443"))),
        ] {
            let (client_read, server_read) = as_read.unwrap_or((client, server));
            let expected = (client_read.parse().unwrap(), server_read.parse().unwrap());
            for form in [ProxyHeader::V1, ProxyHeader::V2] {
                assert_eq!(
                    read(&form.bytes(ends(client, server))),
                    (false, Some(expected)),
                    "{client} {form:?}"
                );
            }
        }
    }

    #[test]
    fn both_forms_can_speak_for_the_gateway_itself() {
        for form in [ProxyHeader::V1, ProxyHeader::V2] {
            assert_eq!(read(&form.bytes(None)), (true, None), "{form:?}");
        }
    }

    #[test]
    fn the_text_is_as_the_protocol_has_it() {
        let header = text(ends("192.0.2.1:65535", "198.51.100.7:1"));
        assert_eq!(header, "PROXY TCP4 192.0.2.1 198.51.100.7 65535 1\r\n");
    }
}
