//! The head of a request (RFC 9112 §3).

use http::header::{self, HeaderMap};
use http::request::Parts;
use http::{Method, Request, Uri};

use super::fields::{put_chunked, put_field, put_length};
use super::{BodySize, HeaderCase};
use crate::head::Noted;
use crate::{BodyLength, Unsendable};

/// The parts of a request to send, borrowed.
///
/// `Content-Length` and `Transfer-Encoding` in `headers` are not sent as they are: the [`BodySize`] decides which of
/// the two is sent, if any. All other fields are sent as they are, in their order.
#[derive(Clone, Copy, Debug)]
pub struct RequestHead<'a> {
    /// The method.
    pub method: &'a Method,
    /// The URI. Its path and query are the target, which may be `*`. For CONNECT, its authority is the target (RFC 9112
    /// §3.2).
    pub uri: &'a Uri,
    /// The fields, including `Host`.
    pub headers: &'a HeaderMap,
}

impl<'a> From<&'a Parts> for RequestHead<'a> {
    fn from(parts: &'a Parts) -> Self {
        Self { method: &parts.method, uri: &parts.uri, headers: &parts.headers }
    }
}

impl<'a, B> From<&'a Request<B>> for RequestHead<'a> {
    fn from(request: &'a Request<B>) -> Self {
        Self { method: request.method(), uri: request.uri(), headers: request.headers() }
    }
}

/// What was written: how the body is framed, and what the fields say about the connection.
pub(crate) struct WrittenRequest {
    pub(crate) body: BodyLength,
    pub(crate) noted: Noted,
}

/// Writes the head of a request.
///
/// # Errors
/// [`Unsendable::InvalidTarget`]. Nothing is written then.
pub(crate) fn write_request(
    head: RequestHead<'_>,
    body: BodySize,
    case: HeaderCase,
    closes: Closes,
    out: &mut Vec<u8>,
) -> Result<WrittenRequest, Unsendable> {
    put_line(head.method, head.uri, out)?;
    let mut noted = Noted::default();
    let (mut has_length, mut has_trailer) = (false, false);
    for (name, value) in head.headers {
        match *name {
            header::CONTENT_LENGTH => {
                has_length = true;
                continue;
            }
            header::TRANSFER_ENCODING => continue,
            header::TRAILER => has_trailer = true,
            header::CONNECTION => noted.note_connection(value.as_bytes()),
            header::UPGRADE => noted.has_upgrade = true,
            _ => {}
        }
        put_field(name, value, case, out);
    }
    if closes == Closes::AfterThis && !noted.closes {
        super::fields::put("connection", b"close", case, out);
        noted.closes = true;
    }
    let body = length(body, head.method, has_length, has_trailer);
    match body {
        Some(BodyLength::Exactly(length)) => put_length(length, case, out),
        Some(_) => put_chunked(case, out),
        None => {}
    }
    out.extend_from_slice(b"\r\n");
    Ok(WrittenRequest { body: body.unwrap_or(BodyLength::Empty), noted })
}

/// Whether the connection ends after a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Closes {
    #[default]
    No,
    AfterThis,
}

/// What the head says about the body; None if it says nothing. Only a chunked body can have trailers, so a body is
/// chunked if the request announces them. A request without a body has `Content-Length: 0` if a body is usual for its
/// method (RFC 9110 §8.6), or if its own fields had a `Content-Length`.
fn length(body: BodySize, method: &Method, has_length: bool, has_trailer: bool) -> Option<BodyLength> {
    match body {
        BodySize::Exactly(length) if !has_trailer => Some(BodyLength::Exactly(length)),
        BodySize::Exactly(_) | BodySize::Unknown => Some(BodyLength::Chunked),
        BodySize::None => {
            let says_none = has_length || matches!(*method, Method::POST | Method::PUT | Method::PATCH);
            says_none.then_some(BodyLength::Exactly(0))
        }
    }
}

fn put_line(method: &Method, uri: &Uri, out: &mut Vec<u8>) -> Result<(), Unsendable> {
    let target = if *method == Method::CONNECT {
        uri.authority().map(|authority| authority.as_str())
    } else {
        uri.path_and_query().map(|path| path.as_str())
    };
    let target = target.filter(|target| !target.is_empty()).ok_or(Unsendable::InvalidTarget)?;
    out.extend_from_slice(method.as_str().as_bytes());
    out.push(b' ');
    // `http://a?q` has a query but no path. An empty path is sent as `/` (RFC 9112 §3.2.1).
    if target.starts_with('?') {
        out.push(b'/');
    }
    out.extend_from_slice(target.as_bytes());
    out.extend_from_slice(b" HTTP/1.1\r\n");
    Ok(())
}
