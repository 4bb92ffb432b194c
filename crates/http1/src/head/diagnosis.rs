//! Which [`Fault`] a head has that httparse can't parse.
//!
//! httparse's error only says in which part of the head it stopped. This looks at the byte at which it stopped, and at
//! none after that, so the result doesn't depend on the pieces in which the head came.

use httparse::Error;

use super::parsed::Failed;
use crate::Fault;

pub(super) fn of_request(bytes: &[u8], error: Error, has_method: bool) -> Failed {
    Failed::Fault(match error {
        Error::TooManyHeaders => return Failed::NoRoom,
        Error::Token if has_method => target(bytes),
        Error::Version => version(behind_target(bytes), Fault::InvalidRequestLine),
        Error::NewLine => line_end(behind_target(bytes)),
        Error::HeaderName => name(bytes),
        Error::HeaderValue => Fault::InvalidFieldValue,
        Error::Token | Error::Status => Fault::InvalidRequestLine,
    })
}

pub(super) fn of_response(bytes: &[u8], error: Error) -> Failed {
    Failed::Fault(match error {
        Error::TooManyHeaders => return Failed::NoRoom,
        Error::Version => version(bytes, Fault::InvalidStatusLine),
        Error::NewLine => Fault::InvalidFieldName,
        Error::HeaderName => name(bytes),
        Error::HeaderValue => Fault::InvalidFieldValue,
        Error::Token | Error::Status => Fault::InvalidStatusLine,
    })
}

pub(super) fn of_trailers(bytes: &[u8], error: Error) -> Fault {
    match error {
        Error::TooManyHeaders => Fault::TooManyFields,
        Error::HeaderValue => Fault::InvalidFieldValue,
        _ => field_name(bytes),
    }
}

/// The fault of a target. If the line ends within the target, as it would in HTTP/0.9, the request line is at fault.
fn target(bytes: &[u8]) -> Fault {
    let target = bytes.splitn(2, |byte| *byte == b' ').nth(1).unwrap_or_default();
    match target.iter().find(|byte| byte.is_ascii_control() || **byte == b' ') {
        Some(b'\r' | b'\n') => Fault::InvalidRequestLine,
        _ => Fault::InvalidTarget,
    }
}

/// The fault of a version: whether it is another one, such as `HTTP/2.0` or `HTTP/1.2`, or none. httparse stops at the
/// first byte that isn't the one of HTTP/1.0 or 1.1.
fn version(version: &[u8], otherwise: Fault) -> Fault {
    match version.strip_prefix(b"HTTP/") {
        Some([b'2'..=b'9', ..] | [b'1', b'.', b'2'..=b'9', ..]) => Fault::UnknownVersion,
        _ => otherwise,
    }
}

/// The fault where httparse found no line end. If the request line is complete, a field should begin here and doesn't.
fn line_end(version: &[u8]) -> Fault {
    match version.get(b"HTTP/1.1".len()..) {
        Some([b'\n', ..] | [b'\r', b'\n', ..]) => Fault::InvalidFieldName,
        _ => Fault::InvalidRequestLine,
    }
}

/// Everything after the second space.
fn behind_target(bytes: &[u8]) -> &[u8] {
    bytes.splitn(3, |byte| *byte == b' ').nth(2).unwrap_or_default()
}

/// The fault of a field name somewhere after the start line.
fn name(bytes: &[u8]) -> Fault {
    let fields = bytes.iter().position(|byte| *byte == b'\n').and_then(|end| bytes.get(end + 1..));
    field_name(fields.unwrap_or_default())
}

fn field_name(fields: &[u8]) -> Fault {
    let mut is_first = true;
    for line in fields.split(|byte| *byte == b'\n') {
        let mut name = line.iter();
        match name.find(|byte| !is_token(**byte)) {
            Some(b':') if !line.starts_with(b":") => {}
            Some(b' ' | b'\t') if name.len() + 1 < line.len() => return Fault::BlankBeforeColon,
            Some(b' ' | b'\t') if !is_first => return Fault::ObsoleteFolding,
            _ => return Fault::InvalidFieldName,
        }
        is_first = false;
    }
    Fault::InvalidFieldName
}

/// Whether the byte may be in a token (RFC 9110 §5.6.2).
pub(crate) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
