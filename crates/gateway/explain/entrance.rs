//! How the request comes in: the listener that takes it, and what the listener makes of it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::http::Request;
use bytes::{Bytes, BytesMut};
use http1::{BodyLength, Piece, Server};
use proxy_service::TrustedPeers;

use super::question::Question;
use crate::config::{Address, Config, Listen};
use crate::peer::Sender;
use crate::pick::AskedWhy;
use crate::serve::{self, Arrival, RequestBody};

/// The listener that takes a request, and how its requests are read.
pub(super) struct Entrance<'a> {
    config: &'a Config,
    pub(super) listen: Listen,
    /// What had to be assumed.
    pub(super) note: Option<String>,
}

impl<'a> Entrance<'a> {
    /// The listener for the scheme and port of the URL, or the first one for its scheme, or else the first one.
    pub(super) fn of(config: &'a Config, question: &Question) -> Self {
        let first = || config.listen.first().cloned().unwrap_or_else(|| default_address().into());
        let Some(is_secured) = question.is_secured() else {
            return Self { config, listen: first(), note: None };
        };
        let fits = |listen: &&Listen| listen.is_secured() == is_secured;
        let has_port = |listen: &&Listen| port_of(&listen.address) == question.port();
        let mut fitting = config.listen.iter().filter(fits);
        let found = fitting.clone().find(has_port).or_else(|| fitting.next());
        let note = found.is_none().then(|| {
            let how = if is_secured { "speaks TLS" } else { "is without TLS" };
            format!("No listener {how}: it is taken as if it came to the first one.")
        });
        Self { config, listen: found.cloned().unwrap_or_else(first), note }
    }

    pub(super) fn name(&self) -> String {
        let scheme = if self.listen.is_secured() { "https" } else { "http" };
        match &self.listen.address {
            Address::Unix(_) => self.listen.address.to_string(),
            address => format!("{scheme}://{address}"),
        }
    }

    /// The bytes of the request, as they come to the listener.
    pub(super) fn wire(&self, question: &Question) -> Vec<u8> {
        let host = match &self.listen.address {
            Address::Unix(_) => "localhost".to_owned(),
            address => address.to_string(),
        };
        question.wire(&host)
    }

    /// The request as the listener reads it and passes it on.
    pub(super) fn request(&self, question: &Question, trusted: &TrustedPeers) -> Request<RequestBody> {
        let mut request = self.read(&self.wire(question));
        if request.headers().contains_key(http::header::UPGRADE) {
            request.extensions_mut().insert(serve::nobodys());
        }
        let arrival = self.arrival(question.client());
        Sender::of(&arrival).redirecting_to(self.listen.redirect).tell(&mut request, trusted);
        request.extensions_mut().insert(AskedWhy);
        request
    }

    fn read(&self, wire: &[u8]) -> Request<RequestBody> {
        let limits = &self.config.limits;
        let mut codec = Server::new(http1::Limits {
            section: limits.header_section,
            fields: limits.header_fields,
            target: limits.uri,
            ..http1::Limits::REQUESTS
        });
        let mut received = BytesMut::from(wire);
        let head = match codec.read_head(&mut received) {
            Ok(Some(head)) => head,
            Ok(None) => return Request::new(nothing()),
            Err(refused) => return serve::stand_in(*refused, nothing()),
        };
        let length = codec.body();
        let mut content = BytesMut::new();
        while let Ok(Some(Piece::Data(piece))) = codec.read_body(&mut received) {
            content.extend_from_slice(&piece);
        }
        Request::from_parts(head, RequestBody::received(content.freeze(), length))
    }

    fn arrival(&self, client: IpAddr) -> Arrival {
        let local = match &self.listen.address {
            Address::Ip(address) => Some(*address),
            address => port_of(address).map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port))),
        };
        // A Unix socket has no client's address, unless a PROXY header tells one.
        let is_known = local.is_some() || self.listen.proxy_protocol;
        let arrival = Arrival::between(is_known.then(|| SocketAddr::new(client, 0)), local);
        #[cfg(feature = "tls")]
        if self.listen.is_secured() {
            return arrival.over_tls();
        }
        arrival
    }
}

fn default_address() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 8080))
}

/// `None` for a Unix socket.
fn port_of(address: &Address) -> Option<u16> {
    match address {
        Address::Ip(address) => Some(address.port()),
        Address::Every(port) | Address::Name { port, .. } => Some(*port),
        Address::Unix(_) => None,
    }
}

fn nothing() -> RequestBody {
    RequestBody::received(Bytes::new(), BodyLength::Empty)
}
