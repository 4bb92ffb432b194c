//! The head of a request.

use std::mem::MaybeUninit;

use bytes::{Buf, Bytes, BytesMut};
use http::header::{self, HeaderName, HeaderValue};
use http::request::Parts;
use http::{Method, Request, Version};
use httparse::{Header, Status};

use super::diagnosis;
use super::fields::{Noted, collect};
use super::parsed::{Failed, Fields, Parse, Span, Whole, parse};
use super::refused::RefusedHead;
use super::search::Search;
use super::target;
use crate::{Fault, Limits};

/// Reads a head from the beginning of `buffer`, and removes it. None if it isn't complete yet.
///
/// # Errors
/// A head that can't be read. If it can be read but has to be refused for what it means, that is noted
/// ([`Noted::fault`]).
pub(crate) fn read_request(
    buffer: &mut BytesMut,
    limits: &Limits,
    search: &mut Search,
) -> Result<Option<(Parts, Noted)>, Box<RefusedHead>> {
    let skipped = search.skipped(skip_empty_lines(buffer).map_err(RefusedHead::unread)?);
    if skipped > limits.section {
        return Err(RefusedHead::unread(Fault::HeadTooLarge));
    }
    let begun = buffer.get(..limits.section).unwrap_or(buffer);
    let mut fields = Fields::new();
    let (length, line) = match parse::<RequestLine>(begun, limits.fields, &mut fields) {
        Ok(Some(parsed)) => parsed,
        Ok(None) if buffer.len() < limits.section => return Ok(None),
        Ok(None) => return Err(RefusedHead::begun(too_large(begun, limits), begun)),
        Err(fault) => return Err(RefusedHead::begun(fault, begun)),
    };
    if line.target.len() > limits.target {
        return Err(RefusedHead::begun(Fault::TargetTooLong, begun));
    }
    let head = buffer.split_to(length).freeze();
    match read_parts(&head, &line, &fields) {
        Ok(read) => Ok(Some(read)),
        Err(fault) => Err(RefusedHead::begun(fault, &head)),
    }
}

fn read_parts(head: &Bytes, line: &RequestLine, fields: &Fields) -> Result<(Parts, Noted), Fault> {
    let method = head.get(line.method.range()).and_then(|method| Method::from_bytes(method).ok());
    let method = method.ok_or(Fault::InvalidRequestLine)?;
    let uri = target::read(head, line.target, &method)?;
    let mut noted = Noted::default();
    let headers = collect(head, fields.as_slice(), &mut noted, |noted, name, value| {
        if let Err(fault) = note(noted, name, value) {
            noted.fault.get_or_insert(fault);
        }
        Ok(())
    })?;
    if !noted.has_host && line.version == Version::HTTP_11 {
        noted.fault.get_or_insert(Fault::MissingHost);
    }
    let (mut parts, ()) = Request::new(()).into_parts();
    parts.method = method;
    parts.uri = uri;
    parts.version = line.version;
    parts.headers = headers;
    Ok((parts, noted))
}

/// Notes a field of a request.
fn note(noted: &mut Noted, name: &HeaderName, value: &HeaderValue) -> Result<(), Fault> {
    match *name {
        header::HOST => note_host(noted, value.as_bytes()),
        header::EXPECT if value.as_bytes().eq_ignore_ascii_case(b"100-continue") => {
            noted.expects = true;
            Ok(())
        }
        header::EXPECT => Err(Fault::UnknownExpectation),
        _ => noted.note(name, value),
    }
}

/// Skips empty lines before a request line (RFC 9112 §2.2). Returns their size.
fn skip_empty_lines(buffer: &mut BytesMut) -> Result<usize, Fault> {
    let before = buffer.len();
    loop {
        match **buffer {
            [b'\r', b'\n', ..] => buffer.advance(2),
            [b'\r', _, ..] => return Err(Fault::InvalidRequestLine),
            [b'\n', ..] => return Err(Fault::BareLineFeed),
            _ => return Ok(before - buffer.len()),
        }
    }
}

/// The fault of a head that isn't complete within its limit: the target or the whole head is too large, or what stands
/// there is no method.
fn too_large(begun: &[u8], limits: &Limits) -> Fault {
    match begun.splitn(3, |byte| *byte == b' ').nth(1) {
        None => Fault::InvalidRequestLine,
        Some(target) if target.len() > limits.target => Fault::TargetTooLong,
        Some(_) => Fault::HeadTooLarge,
    }
}

/// Notes the `Host`, and checks that it comes once and has only bytes that a host and a port can have. Whether it is a
/// valid host is decided by the code that routes by it.
fn note_host(noted: &mut Noted, host: &[u8]) -> Result<(), Fault> {
    if noted.has_host {
        return Err(Fault::RepeatedHost);
    }
    noted.has_host = true;
    if host.iter().all(|byte| is_in_host(*byte)) { Ok(()) } else { Err(Fault::InvalidHost) }
}

/// Whether the byte may be in `uri-host [ ":" port ]` (RFC 3986 §3.2.2). The comma isn't accepted, since in other
/// fields it separates the members of a list.
fn is_in_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'%' | b':' | b'[' | b']')
        || matches!(byte, b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b';' | b'=')
}

struct RequestLine {
    method: Span,
    target: Span,
    version: Version,
}

impl Parse for RequestLine {
    fn parse<'h, 'b>(
        bytes: &'b [u8],
        room: &'h mut [MaybeUninit<Header<'b>>],
    ) -> Result<Status<Whole<'h, 'b, Self>>, Failed> {
        let mut request = httparse::Request::new(&mut []);
        let parsed = request.parse_with_uninit_headers(bytes, room);
        match (parsed, request.method, request.path, request.version) {
            (Ok(Status::Complete(length)), Some(method), Some(target), Some(minor)) => {
                let line = Self {
                    method: Span::of(method.as_bytes(), bytes),
                    target: Span::of(target.as_bytes(), bytes),
                    version: super::parsed::version(minor),
                };
                Ok(Status::Complete(Whole { length, line, headers: request.headers }))
            }
            (Ok(_), ..) => Ok(Status::Partial),
            (Err(error), method, ..) => Err(diagnosis::of_request(bytes, error, method.is_some())),
        }
    }
}
