//! Where a body ends: the rules of RFC 9112 §6.3, as strict as it allows.

use http::{Method, StatusCode, Version};

use crate::Fault;
use crate::head::{Coding, Noted};

/// How long the body of a message is, or what is left of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyLength {
    /// There is none, or nothing of it is left.
    Empty,
    /// So many bytes, never 0.
    Exactly(u64),
    /// It says itself where it ends.
    Chunked,
    /// It ends with the connection. Only a response's does.
    UntilClose,
}

/// # Errors
/// The [`Fault`] of a request whose body's end two servers might see in two places.
pub(crate) fn of_request(noted: &Noted, version: Version) -> Result<BodyLength, Fault> {
    Ok(announced(noted, version)?.unwrap_or(BodyLength::Empty))
}

/// # Errors
/// The [`Fault`] of a response whose body's end two clients might see in two places.
pub(crate) fn of_response(
    noted: &Noted,
    version: Version,
    status: StatusCode,
    asked: Asked,
) -> Result<BodyLength, Fault> {
    let announced = announced(noted, version)?;
    let is_empty = match asked {
        Asked::Head => true,
        Asked::Connect => status.is_success(),
        Asked::Other => false,
    };
    if is_empty || has_no_body(status) {
        return Ok(BodyLength::Empty);
    }
    Ok(announced.unwrap_or(BodyLength::UntilClose))
}

/// What a request was, as far as it matters for the body of its response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Head,
    Connect,
    Other,
}

impl Asked {
    pub(crate) fn with(method: &Method) -> Self {
        match *method {
            Method::HEAD => Self::Head,
            Method::CONNECT => Self::Connect,
            _ => Self::Other,
        }
    }
}

/// Whatever its fields say.
pub(crate) fn has_no_body(status: StatusCode) -> bool {
    status.is_informational() || status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED
}

/// A `Transfer-Encoding` beside a `Content-Length` would override it, but whoever sent both may be an attacker
/// (RFC 9112 §6.1), and one other than `chunked` leaves the end open or nothing that could be forwarded.
fn announced(noted: &Noted, version: Version) -> Result<Option<BodyLength>, Fault> {
    match (noted.coding, noted.length) {
        (None, None) => Ok(None),
        (None, Some(0)) => Ok(Some(BodyLength::Empty)),
        (None, Some(length)) => Ok(Some(BodyLength::Exactly(length))),
        (Some(_), _) if version == Version::HTTP_10 => Err(Fault::CodingInHttp10),
        (Some(_), Some(_)) => Err(Fault::LengthAndCoding),
        (Some(Coding::Chunked), None) => Ok(Some(BodyLength::Chunked)),
        (Some(Coding::Unknown), None) => Err(Fault::UnknownCoding),
    }
}
