//! The PROXY protocol, both ways: the header with which a connection begins says from where the client connected.

mod haproxy;
mod incoming;
mod outgoing;

use std::net::SocketAddr;

use ppp::{HeaderResult, v1, v2};

use crate::support::raw::RawClient;

/// Whose address a header tells: that of a client, and where it connected to. `None` if it speaks for the gateway itself.
type Said = Option<(SocketAddr, SocketAddr)>;

/// Reads the header with which a connection begins, and no further.
async fn header(connection: &mut RawClient) -> Said {
    let mut bytes = connection.bytes(12).await;
    if bytes.starts_with(b"PROXY ") {
        while !bytes.ends_with(b"\r\n") {
            bytes.extend(connection.bytes(1).await);
        }
    } else {
        bytes.extend(connection.bytes(4).await);
        let length = u16::from_be_bytes([bytes[14], bytes[15]]);
        if length > 0 {
            bytes.extend(connection.bytes(length.into()).await);
        }
    }
    match HeaderResult::parse(&bytes) {
        HeaderResult::V1(Ok(header)) => match header.addresses {
            v1::Addresses::Unknown => None,
            v1::Addresses::Tcp4(both) => Some((
                (both.source_address, both.source_port).into(),
                (both.destination_address, both.destination_port).into(),
            )),
            other => panic!("{other:?}"),
        },
        HeaderResult::V2(Ok(header)) => match (header.command, header.addresses) {
            (v2::Command::Local, _) => None,
            (v2::Command::Proxy, v2::Addresses::IPv4(both)) => Some((
                (both.source_address, both.source_port).into(),
                (both.destination_address, both.destination_port).into(),
            )),
            other => panic!("{other:?}"),
        },
        broken => panic!("{broken:?}"),
    }
}
