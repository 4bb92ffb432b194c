//! The head of a response (RFC 9112 §4).

use http::header::{self, HeaderMap};
use http::response::Parts;
use http::{Extensions, Response, StatusCode, Version};

use super::fields::{put, put_chunked, put_field, put_fields, put_length};
use super::{BodySize, HeaderCase};
use crate::framing::{Asked, has_no_body};
use crate::head::Noted;
use crate::reason::ReasonPhrase;
use crate::{BodyLength, Unsendable};

/// The parts of a response to send, borrowed.
///
/// `Content-Length` in `headers` is sent as it is only if it describes a body that isn't sent (HEAD and 304).
/// `Transfer-Encoding` is never sent as it is. Otherwise the [`BodySize`] decides which of the two is sent, if any. All
/// other fields are sent as they are, in their order.
#[derive(Clone, Copy, Debug)]
pub struct ResponseHead<'a> {
    /// The status.
    pub status: StatusCode,
    /// The fields.
    pub headers: &'a HeaderMap,
    /// The extensions, in which there may be a [`ReasonPhrase`].
    pub extensions: &'a Extensions,
}

impl<'a> From<&'a Parts> for ResponseHead<'a> {
    fn from(parts: &'a Parts) -> Self {
        Self { status: parts.status, headers: &parts.headers, extensions: &parts.extensions }
    }
}

impl<'a, B> From<&'a Response<B>> for ResponseHead<'a> {
    fn from(response: &'a Response<B>) -> Self {
        Self { status: response.status(), headers: response.headers(), extensions: response.extensions() }
    }
}

/// What a response is written for: the version and method of its request, and what happens to the connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Responding {
    pub(crate) version: Version,
    pub(crate) asked: Asked,
    pub(crate) persistence: Persistence,
}

/// Whether the connection goes on after a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Persistence {
    Persists,
    Closes,
}

/// What was written: how the body is framed, and whether the connection goes on after it.
pub(crate) struct WrittenResponse {
    pub(crate) body: BodyLength,
    pub(crate) persistence: Persistence,
}

pub(crate) fn write_response(
    head: ResponseHead<'_>,
    body: BodySize,
    to: Responding,
    date: Option<&[u8; 29]>,
    case: HeaderCase,
    out: &mut Vec<u8>,
) -> WrittenResponse {
    put_line(head.status, head.extensions, to.version, out);
    let mut noted = Noted::default();
    let mut described = None;
    let (mut has_date, mut has_trailer) = (false, false);
    for (name, value) in head.headers {
        match *name {
            header::CONTENT_LENGTH => {
                described = Some(value);
                continue;
            }
            header::TRANSFER_ENCODING => continue,
            header::DATE => has_date = true,
            header::TRAILER => has_trailer = true,
            header::CONNECTION => noted.note_connection(value.as_bytes()),
            _ => {}
        }
        put_field(name, value, case, out);
    }
    if let Some(date) = date.filter(|_| !has_date) {
        put("date", date, case, out);
    }
    let framed = Framed::of(head.status, body, to, has_trailer);
    match framed {
        Framed::None => {}
        Framed::Described => match (described, body) {
            (Some(length), _) => put("content-length", length.as_bytes(), case, out),
            (None, BodySize::Exactly(length)) => put_length(length, case, out),
            (None, _) => {}
        },
        Framed::Body(BodyLength::Empty) => put_length(0, case, out),
        Framed::Body(BodyLength::Exactly(length)) => put_length(length, case, out),
        Framed::Body(BodyLength::Chunked) => put_chunked(case, out),
        Framed::Body(BodyLength::UntilClose) => {}
    }
    let body = framed.length();
    let closes = noted.closes || to.persistence == Persistence::Closes || body == BodyLength::UntilClose;
    if closes && !noted.closes {
        put("connection", b"close", case, out);
    } else if !closes && to.version == Version::HTTP_10 && !noted.keeps_alive {
        put("connection", b"keep-alive", case, out);
    }
    out.extend_from_slice(b"\r\n");
    WrittenResponse { body, persistence: if closes { Persistence::Closes } else { Persistence::Persists } }
}

/// What a head says about its body (RFC 9110 §8.6, RFC 9112 §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framed {
    /// Nothing: neither `Content-Length` nor `Transfer-Encoding` is allowed.
    None,
    /// The length that the body would have, if that is known. No body is sent.
    Described,
    Body(BodyLength),
}

impl Framed {
    fn of(status: StatusCode, body: BodySize, to: Responding, has_trailer: bool) -> Self {
        let is_tunnel = to.asked == Asked::Connect && status.is_success();
        if to.asked == Asked::Head && status != StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED {
            return Self::Described;
        }
        if has_no_body(status) || is_tunnel {
            return Self::None;
        }
        let is_http10 = to.version == Version::HTTP_10;
        Self::Body(match body {
            BodySize::None => BodyLength::Empty,
            BodySize::Exactly(0) if !has_trailer || is_http10 => BodyLength::Empty,
            BodySize::Exactly(length) if !has_trailer || is_http10 => BodyLength::Exactly(length),
            BodySize::Unknown if is_http10 => BodyLength::UntilClose,
            BodySize::Exactly(_) | BodySize::Unknown => BodyLength::Chunked,
        })
    }

    fn length(self) -> BodyLength {
        match self {
            Self::None | Self::Described => BodyLength::Empty,
            Self::Body(length) => length,
        }
    }
}

/// Writes the head of an interim response.
///
/// # Errors
/// [`Unsendable::InvalidStatus`] for a status that isn't 1xx, and for 101, which isn't an interim one.
pub(crate) fn write_interim(
    status: StatusCode,
    headers: &HeaderMap,
    case: HeaderCase,
    out: &mut Vec<u8>,
) -> Result<(), Unsendable> {
    if !status.is_informational() || status == StatusCode::SWITCHING_PROTOCOLS {
        return Err(Unsendable::InvalidStatus);
    }
    put_line(status, &Extensions::new(), Version::HTTP_11, out);
    put_fields(headers, case, out);
    out.extend_from_slice(b"\r\n");
    Ok(())
}

fn put_line(status: StatusCode, extensions: &Extensions, version: Version, out: &mut Vec<u8>) {
    if version == Version::HTTP_11 && status == StatusCode::OK && extensions.is_empty() {
        out.extend_from_slice(b"HTTP/1.1 200 OK\r\n");
        return;
    }
    out.extend_from_slice(if version == Version::HTTP_10 { b"HTTP/1.0 " } else { b"HTTP/1.1 " });
    out.extend_from_slice(status.as_str().as_bytes());
    out.push(b' ');
    match extensions.get::<ReasonPhrase>() {
        Some(phrase) => out.extend_from_slice(phrase.as_bytes()),
        None => out.extend_from_slice(status.canonical_reason().unwrap_or_default().as_bytes()),
    }
    out.extend_from_slice(b"\r\n");
}
