//! The head of a response.

use std::mem::MaybeUninit;

use bytes::BytesMut;
use http::response::Parts;
use http::{Response, StatusCode, Version};
use httparse::{Header, ParserConfig, Status};
use memchr::memchr;

use super::diagnosis;
use super::fields::{Noted, collect};
use super::parsed::{Failed, Fields, Parse, Whole, parse};
use crate::reason::ReasonPhrase;
use crate::{Fault, Limits};

/// Reads a head from the beginning of `buffer`, and removes it. None if it isn't complete yet.
///
/// # Errors
/// The [`Fault`] of a head that can't be read.
pub(crate) fn read_response(buffer: &mut BytesMut, limits: &Limits) -> Result<Option<(Parts, Noted)>, Fault> {
    let begun = buffer.get(..limits.section).unwrap_or(buffer);
    // httparse would skip empty lines. RFC 9112 §2.2 allows that before a request, but not before a response.
    if matches!(begun, [b'\r' | b'\n', ..]) {
        return Err(Fault::InvalidStatusLine);
    }
    let mut fields = Fields::new();
    let Some((length, line)) = parse::<StatusLine>(begun, limits.fields, &mut fields)? else {
        return if buffer.len() >= limits.section { Err(Fault::HeadTooLarge) } else { Ok(None) };
    };
    let head = buffer.split_to(length).freeze();
    let mut noted = Noted::default();
    let headers = collect(&head, fields.as_slice(), &mut noted, Noted::note)?;
    let (mut parts, ()) = Response::new(()).into_parts();
    parts.status = line.status;
    parts.version = line.version;
    parts.headers = headers;
    if !line.is_reason_usual {
        parts.extensions.insert(ReasonPhrase::received(head.slice(reason(&head))));
    }
    Ok(Some((parts, noted)))
}

/// Where the reason phrase is: after `HTTP/1.1 200 `, if the line is longer than that. It isn't taken from httparse,
/// which gives none that has octets above 127.
fn reason(head: &[u8]) -> std::ops::Range<usize> {
    const BEFORE: usize = "HTTP/1.1 200 ".len();
    let end = memchr(b'\r', head).unwrap_or_default();
    BEFORE.min(end)..end
}

struct StatusLine {
    status: StatusCode,
    version: Version,
    is_reason_usual: bool,
}

/// A configuration that accepts folded values and blanks before a colon: in responses, a proxy has to repair these (RFC
/// 9112 §5.1, §5.2).
fn lenient() -> ParserConfig {
    let mut config = ParserConfig::default();
    config
        .allow_spaces_after_header_name_in_responses(true)
        .allow_obsolete_multiline_headers_in_responses(true);
    config
}

impl Parse for StatusLine {
    fn parse<'h, 'b>(
        bytes: &'b [u8],
        room: &'h mut [MaybeUninit<Header<'b>>],
    ) -> Result<Status<Whole<'h, 'b, Self>>, Failed> {
        let mut response = httparse::Response::new(&mut []);
        let parsed = lenient().parse_response_with_uninit_headers(&mut response, bytes, room);
        match (parsed, response.version, response.code, response.reason) {
            (Ok(Status::Complete(length)), Some(minor), Some(code), Some(reason)) => {
                let status =
                    StatusCode::from_u16(code).map_err(|_| Failed::Fault(Fault::InvalidStatusLine))?;
                let is_reason_usual = status.canonical_reason() == Some(reason);
                let line = Self { status, version: super::parsed::version(minor), is_reason_usual };
                Ok(Status::Complete(Whole { length, line, headers: response.headers }))
            }
            (Ok(_), ..) => Ok(Status::Partial),
            (Err(error), ..) => Err(diagnosis::of_response(bytes, error)),
        }
    }
}
