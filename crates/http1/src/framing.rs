//! Where a body ends: the rules of RFC 9112 §6.3, as strictly as it allows.

use http::{Method, StatusCode, Version};

use crate::Fault;
use crate::head::{Coding, Noted};

/// Where the body of a message ends, or what is left of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyLength {
    /// There is no body, or nothing of it is left.
    Empty,
    /// It has this many bytes, never 0.
    Exactly(u64),
    /// It is chunked, so its own framing says where it ends.
    Chunked,
    /// It ends when the connection ends. Only the body of a response can.
    UntilClose,
}

/// Where a request's body ends.
///
/// # Errors
/// The [`Fault`] of a request whose body two servers might see end in different places.
pub(crate) fn of_request(noted: &Noted, version: Version) -> Result<BodyLength, Fault> {
    Ok(announced(noted, version)?.unwrap_or(BodyLength::Empty))
}

/// Where a response's body ends.
///
/// # Errors
/// The [`Fault`] of a response whose body two clients might see end in different places.
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

/// A request's method, as far as it matters for the body of the response.
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

/// Whether a response with this status never has a body, whatever its fields say.
pub(crate) fn has_no_body(status: StatusCode) -> bool {
    status.is_informational() || status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED
}

/// What the fields say about the body's end. A `Transfer-Encoding` would override a `Content-Length`, but a message
/// with both may be an attack (RFC 9112 §6.1), so it is refused. With a coding other than `chunked`, it isn't known
/// where the body ends, or the body couldn't be forwarded: that is refused too.
fn announced(noted: &Noted, version: Version) -> Result<Option<BodyLength>, Fault> {
    match (noted.coding, noted.length) {
        (None, None) => Ok(None),
        (None, Some(0)) => Ok(Some(BodyLength::Empty)),
        (None, Some(length)) => Ok(Some(BodyLength::Exactly(length))),
        (Some(_), _) if version == Version::HTTP_10 => Err(Fault::CodingInHttp10),
        (Some(_), Some(_)) => Err(Fault::LengthAndCoding),
        (Some(Coding::Chunked), None) => Ok(Some(BodyLength::Chunked)),
        (Some(Coding::UnknownInChunks), None) => Err(Fault::UnknownCoding),
        (Some(Coding::Unended), None) => Err(Fault::UnendedCoding),
    }
}
