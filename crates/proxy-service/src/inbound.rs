//! What a request says, read and checked before anything is changed.

mod fields;

use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING, UPGRADE};
use http::request::Parts;
use http::uri::{Authority, Scheme, Uri};
use http::{Extensions, HeaderValue, Method, Request, Version};
use hyper::upgrade::OnUpgrade;

use crate::error::{ErrorKind, ProxyError, Stage};
use crate::extended_connect;
use crate::headers::framing::is_chunked;
use crate::headers::single::{Repeated, only};
use crate::headers::{hop_by_hop, host};
use crate::path;
use crate::upgrade::{Upgrade, Upgrades, is_websocket};
use fields::Fields;

/// What the later steps need to know of a request.
#[derive(Debug)]
pub(crate) struct Inbound {
    /// The host that the client asked for: `Host`, or `:authority` over HTTP/2.
    pub(crate) host: Option<HeaderValue>,
    /// The protocol to switch to, if the client asked for one that is allowed.
    pub(crate) upgrade: Option<Upgrade>,
    /// The client waits for a `100 Continue` before it sends its body.
    pub(crate) expects_continue: bool,
    /// The client reads trailers (`TE: trailers`, RFC 9110 §10.1.4).
    pub(crate) accepts_trailers: bool,
    /// It has `Authorization` or `Proxy-Authorization`.
    pub(crate) has_credentials: bool,
    /// It has `Connection`, which may name more hop-by-hop headers.
    pub(crate) has_connection: bool,
    /// It has `Via`.
    pub(crate) has_via: bool,
}

impl Inbound {
    pub(crate) fn read(parts: &Parts, upgrades: &Upgrades, checked: Checked) -> Result<Self, ProxyError> {
        let head = Head::from(parts);
        if checked == Checked::NotYet {
            head.check()?;
        }
        let is_http1_1 = parts.version == Version::HTTP_11;
        Ok(Self {
            host: head.requested_host()?,
            upgrade: match parts.method {
                Method::CONNECT => Some(extended_connect::upgrade(parts, upgrades)?),
                _ if is_http1_1 && head.fields.has_connection => upgrade(parts, upgrades)?,
                _ => None,
            },
            expects_continue: parts.version > Version::HTTP_10 && !matches!(head.fields.expect, Ok(None)),
            accepts_trailers: head.fields.has_te && hop_by_hop::te_has_trailers(&parts.headers),
            has_credentials: head.fields.has_credentials,
            has_connection: head.fields.has_connection,
            has_via: head.fields.has_via,
        })
    }
}

/// Checks whether a request may be forwarded at all: its method, target, `Host`, framing and `Expect`.
///
/// [`ProxyService`](crate::ProxyService) checks every request itself. A server that answers some requests on its own
/// can hold those to the same rules with this function.
///
/// # Errors
/// A [`ProxyError`] on the client's side:
///
/// - 400 for a path that different readers would read differently ([`path::check`]), or a target without a path,
///   unless it is `OPTIONS *`.
/// - 400 for a `Host` that is missing on HTTP/1.1, repeated or invalid.
/// - 400 for a target in absolute form that names another host than `Host` (RFC 9112 §3.2), or a user name.
/// - 400 for framing that two parsers could read differently (RFC 9112 §6.3).
/// - 405 for TRACE, and for CONNECT unless it asks for a WebSocket over HTTP/2 (RFC 8441).
/// - 417 for an `Expect` other than `100-continue`.
/// - 501 for a transfer coding other than `chunked`, and for a CONNECT for anything else than a WebSocket.
pub fn check<B>(request: &Request<B>) -> Result<(), ProxyError> {
    Head {
        method: request.method(),
        uri: request.uri(),
        version: request.version(),
        extensions: request.extensions(),
        fields: Fields::of(request.headers()),
    }
    .check()
}

/// Whether a request has passed [`check`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Checked {
    #[default]
    NotYet,
    Before,
}

/// A request without its body and extensions.
struct Head<'a> {
    method: &'a Method,
    uri: &'a Uri,
    version: Version,
    /// In which an extended CONNECT has its `:protocol`.
    extensions: &'a Extensions,
    fields: Fields<'a>,
}

impl<'a> From<&'a Parts> for Head<'a> {
    fn from(parts: &'a Parts) -> Self {
        Self {
            method: &parts.method,
            uri: &parts.uri,
            version: parts.version,
            extensions: &parts.extensions,
            fields: Fields::of(&parts.headers),
        }
    }
}

impl Head<'_> {
    fn check(&self) -> Result<(), ProxyError> {
        match *self.method {
            Method::CONNECT => extended_connect::check(self.extensions.get())?,
            Method::TRACE => return Err(refused(ErrorKind::MethodNotAllowed)),
            _ => {}
        }
        self.check_path()?;
        self.check_host()?;
        self.check_framing()?;
        self.check_expect()
    }

    /// `OPTIONS *` is the only request without a path that a server may be sent (RFC 9112 §3.2).
    fn check_path(&self) -> Result<(), ProxyError> {
        let path = self.uri.path();
        let asks_the_server = *self.method == Method::OPTIONS && path == "*";
        if !path.starts_with('/') && !asks_the_server {
            return Err(ProxyError::bad_request("the target is no path"));
        }
        if self.uri.scheme().is_some_and(|scheme| *scheme != Scheme::HTTP && *scheme != Scheme::HTTPS) {
            return Err(ProxyError::bad_request("the target's scheme is not one of HTTP"));
        }
        path::check(path).map_err(ProxyError::bad_request)
    }

    fn check_host(&self) -> Result<(), ProxyError> {
        let authority = self.uri.authority();
        let header = self.fields.host.map_err(|Repeated| ProxyError::bad_request("more than one Host"))?;
        let needs_header = match self.version {
            Version::HTTP_11 => true,
            Version::HTTP_2 => authority.is_none(),
            _ => false,
        };
        if header.is_none() && needs_header {
            return Err(ProxyError::bad_request("no Host"));
        }
        if header.is_some_and(|header| !host::is_valid(header.as_bytes())) {
            return Err(ProxyError::bad_request("invalid Host"));
        }
        let Some(authority) = authority else { return Ok(()) };
        if !host::is_valid(authority.as_str().as_bytes()) {
            return Err(ProxyError::bad_request("invalid authority"));
        }
        if header.is_some_and(|header| !self.names(header, authority)) {
            return Err(ProxyError::bad_request("the target's authority is not the Host"));
        }
        Ok(())
    }

    /// The host that the client asked for.
    fn requested_host(&self) -> Result<Option<HeaderValue>, ProxyError> {
        match (self.fields.host, self.uri.authority()) {
            (Ok(Some(header)), _) => Ok(Some(header.clone())),
            (_, Some(authority)) => {
                HeaderValue::from_str(authority.as_str()).map(Some).map_err(ProxyError::bad_request)
            }
            (_, None) => Ok(None),
        }
    }

    fn names(&self, header: &HeaderValue, authority: &Authority) -> bool {
        let default_port = if self.uri.scheme() == Some(&Scheme::HTTPS) { 443 } else { 80 };
        let port = |authority: &Authority| authority.port_u16().unwrap_or(default_port);
        Authority::try_from(header.as_bytes()).is_ok_and(|header| {
            header.host().eq_ignore_ascii_case(authority.host()) && port(&header) == port(authority)
        })
    }

    fn check_framing(&self) -> Result<(), ProxyError> {
        let length = self
            .fields
            .content_length
            .map_err(|Repeated| ProxyError::bad_request("more than one Content-Length"))?;
        if length.is_some_and(|length| !is_digits(length.as_bytes())) {
            return Err(ProxyError::bad_request("Content-Length is not a number"));
        }
        if length.is_some() && *self.method == Method::CONNECT {
            return Err(ProxyError::bad_request("a request for a WebSocket with a body"));
        }
        let coding = self
            .fields
            .transfer_encoding
            .map_err(|Repeated| ProxyError::bad_request("more than one Transfer-Encoding"))?;
        match coding {
            None => Ok(()),
            Some(_) if self.version != Version::HTTP_11 => {
                Err(ProxyError::bad_request("Transfer-Encoding outside HTTP/1.1"))
            }
            Some(_) if length.is_some() => {
                Err(ProxyError::bad_request("Content-Length and Transfer-Encoding"))
            }
            Some(coding) if is_chunked(coding) => Ok(()),
            Some(_) => Err(refused(ErrorKind::UnknownTransferCoding)),
        }
    }

    fn check_expect(&self) -> Result<(), ProxyError> {
        let expected = self.fields.expect.map_err(|Repeated| refused(ErrorKind::ExpectationFailed))?;
        match expected {
            Some(expected) if !expected.as_bytes().eq_ignore_ascii_case(b"100-continue") => {
                Err(refused(ErrorKind::ExpectationFailed))
            }
            _ => Ok(()),
        }
    }
}

fn refused(kind: ErrorKind) -> ProxyError {
    ProxyError::new(kind, Stage::Request)
}

/// A request asks for an upgrade if its `Connection` says so (RFC 9110 §7.8). A request for a WebSocket is a GET
/// without a body (RFC 6455 §4.1). Other protocols may begin with any method and a body.
fn upgrade(parts: &Parts, upgrades: &Upgrades) -> Result<Option<Upgrade>, ProxyError> {
    let Some(client) = parts.extensions.get::<OnUpgrade>() else { return Ok(None) };
    if !hop_by_hop::connection_has(&parts.headers, "upgrade") {
        return Ok(None);
    }
    let Ok(Some(token)) = only(&parts.headers, UPGRADE) else { return Ok(None) };
    let asks_for_websocket = is_websocket(token);
    if !upgrades.allow(token) || asks_for_websocket && parts.method != Method::GET {
        return Ok(None);
    }
    let has_body = parts.headers.contains_key(TRANSFER_ENCODING)
        || parts.headers.get(CONTENT_LENGTH).is_some_and(|length| length != "0");
    if asks_for_websocket && has_body {
        return Err(ProxyError::bad_request("a request for a WebSocket with a body"));
    }
    Ok(Some(Upgrade { protocol: token.clone(), client: client.clone(), key: None }))
}

fn is_digits(value: &[u8]) -> bool {
    !value.is_empty() && value.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests;
