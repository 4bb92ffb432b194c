//! The PROXY protocol (<https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt>): a header in front of everything
//! else, in which a proxy says from where its client connected.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};

use ppp::{v1, v2};
use proxy_service::{Ends, TrustedPeers};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::arrival::Arrival;

/// The most bytes of a header of version 1, with its line end.
const MOST_OF_V1: usize = 107;
/// The most bytes of a header of version 2. Extensions are skipped, and the protocol allows 64 KiB of them; proxies
/// send a few hundred bytes, and those with a client's certificate a few thousand.
const MOST_OF_V2: usize = 4096;
/// What a header of version 2 begins with.
const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
/// So many bytes of version 2 tell how long it is.
const FIXED: usize = 16;

/// What a listener does first whose clients come through a proxy: it takes their addresses from the header.
///
/// Every connection has to begin with one. Nothing is guessed: a client that could do without could also write one of
/// its own.
#[derive(Clone, Debug)]
pub(crate) struct Proxied {
    trusted: TrustedPeers,
}

/// Why a connection is closed before its first request.
#[derive(Debug)]
pub(super) enum Unproxied {
    /// The peer may not speak for others.
    Untrusted,
    /// It didn't begin with a header.
    Malformed,
    TooLong,
    Broken(io::Error),
}

impl Proxied {
    /// Headers are taken from these peers, and from whoever may open a Unix socket.
    pub(crate) fn by(trusted: TrustedPeers) -> Self {
        Self { trusted }
    }

    /// Reads the header, and nothing behind it. If it names a client, that is the peer from now on.
    pub(super) async fn receive(
        &self,
        stream: &mut (impl AsyncRead + Unpin),
        arrival: &mut Arrival,
    ) -> Result<(), Unproxied> {
        if arrival.peer.is_some_and(|peer| !self.trusted.contains(peer.ip().to_canonical())) {
            return Err(Unproxied::Untrusted);
        }
        if let Some(Ends { client, server, .. }) = header(stream).await? {
            (arrival.peer, arrival.local) = (Some(client), Some(server));
        }
        Ok(())
    }
}

/// Reads a header. `None` if the proxy speaks for itself, or for a client that has no address.
async fn header(stream: &mut (impl AsyncRead + Unpin)) -> Result<Option<Ends>, Unproxied> {
    let mut header = Vec::with_capacity(64);
    read_more(stream, &mut header, SIGNATURE.len()).await?;
    if header == SIGNATURE {
        return binary(stream, header).await;
    }
    if !header.starts_with(b"PROXY ") {
        return Err(Unproxied::Malformed);
    }
    text(stream, header).await
}

/// Reads `count` bytes more.
async fn read_more(
    stream: &mut (impl AsyncRead + Unpin),
    header: &mut Vec<u8>,
    count: usize,
) -> io::Result<()> {
    let start = header.len();
    header.resize(start + count, 0);
    stream.read_exact(header.get_mut(start..).unwrap_or_default()).await.map(drop)
}

/// The rest of a line. Where it ends isn't known before, and what is behind belongs to others: so it is read byte by
/// byte.
async fn text(stream: &mut (impl AsyncRead + Unpin), mut header: Vec<u8>) -> Result<Option<Ends>, Unproxied> {
    while !header.ends_with(b"\n") {
        if header.len() == MOST_OF_V1 {
            return Err(Unproxied::TooLong);
        }
        header.push(stream.read_u8().await?);
    }
    let read = v1::Header::try_from(header.as_slice()).map_err(|_| Unproxied::Malformed)?;
    Ok(match read.addresses {
        v1::Addresses::Unknown => None,
        v1::Addresses::Tcp4(both) => ends(
            (both.source_address.into(), both.source_port),
            (both.destination_address.into(), both.destination_port),
        ),
        v1::Addresses::Tcp6(both) => ends(
            (both.source_address.into(), both.source_port),
            (both.destination_address.into(), both.destination_port),
        ),
    })
}

async fn binary(
    stream: &mut (impl AsyncRead + Unpin),
    mut header: Vec<u8>,
) -> Result<Option<Ends>, Unproxied> {
    let left = FIXED - header.len();
    read_more(stream, &mut header, left).await?;
    let length = header.last_chunk().map_or(0, |length| usize::from(u16::from_be_bytes(*length)));
    if FIXED + length > MOST_OF_V2 {
        return Err(Unproxied::TooLong);
    }
    read_more(stream, &mut header, length).await?;
    let read = v2::Header::try_from(header.as_slice()).map_err(|_| Unproxied::Malformed)?;
    if read.command == v2::Command::Local || read.protocol != v2::Protocol::Stream {
        return Ok(None);
    }
    Ok(match read.addresses {
        v2::Addresses::IPv4(both) => ends(
            (both.source_address.into(), both.source_port),
            (both.destination_address.into(), both.destination_port),
        ),
        v2::Addresses::IPv6(both) => ends(
            (both.source_address.into(), both.source_port),
            (both.destination_address.into(), both.destination_port),
        ),
        v2::Addresses::Unix(_) | v2::Addresses::Unspecified => None,
    })
}

fn ends(client: (IpAddr, u16), server: (IpAddr, u16)) -> Option<Ends> {
    let address = |(ip, port): (IpAddr, u16)| SocketAddr::new(ip.to_canonical(), port);
    Some(Ends::new(address(client), address(server)))
}

impl Unproxied {
    /// The reason, as it is counted.
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::Untrusted => "proxy_untrusted",
            Self::Malformed => "proxy_header_malformed",
            Self::TooLong => "proxy_header_too_long",
            Self::Broken(_) => "proxy_header_cut",
        }
    }
}

impl From<io::Error> for Unproxied {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

impl fmt::Display for Unproxied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Untrusted => f.write_str("the peer isn't in trusted_proxies"),
            Self::Malformed => f.write_str("it doesn't begin with a PROXY header"),
            Self::TooLong => f.write_str("its PROXY header is too long"),
            Self::Broken(error) => write!(f, "it broke off in its PROXY header: {error}"),
        }
    }
}

#[cfg(test)]
mod tests;
