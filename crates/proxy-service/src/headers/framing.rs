//! Framing: the gateway's own in both directions, from the body's own size (RFC 9112 §6).

use http::header::{CONTENT_LENGTH, HeaderMap, HeaderValue, TRAILER, TRANSFER_ENCODING};
use http::{Method, StatusCode};
use http_body::Body;

use super::single::{Repeated, only};
use crate::error::{ErrorKind, ProxyError, Stage};

/// How long a body is, as far as it says so itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyLength {
    /// Over before it began: no byte, no trailers.
    None,
    Exactly(u64),
    Unknown,
}

impl BodyLength {
    pub(crate) fn of(body: &impl Body) -> Self {
        match body.size_hint().exact() {
            _ if body.is_end_stream() => Self::None,
            Some(length) => Self::Exactly(length),
            None => Self::Unknown,
        }
    }
}

/// `Content-Length` as received is dropped and set anew; a body without a known length is chunked, whatever the method
/// (hyper would lose it on GET, HEAD and the like), and so is one that announces trailers.
pub(crate) fn set_request(headers: &mut HeaderMap, method: &Method, body: BodyLength) {
    match body {
        BodyLength::Exactly(length) if !headers.contains_key(TRAILER) => set_length(headers, length),
        BodyLength::Exactly(_) | BodyLength::Unknown => {
            headers.remove(CONTENT_LENGTH);
            headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
        }
        BodyLength::None if anticipates_content(method) || headers.contains_key(CONTENT_LENGTH) => {
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        BodyLength::None => {}
    }
}

/// A length that was received as such stays, since another rendering of it would be another allocation.
fn set_length(headers: &mut HeaderMap, length: u64) {
    let is_there = |value: &HeaderValue| number(value) == Some(length) && !value.as_bytes().starts_with(b"0");
    if !only(headers, CONTENT_LENGTH).is_ok_and(|value| value.is_some_and(is_there)) {
        headers.insert(CONTENT_LENGTH, length.into());
    }
}

/// Methods that say `Content-Length: 0` when they have no body (RFC 9110 §8.6).
fn anticipates_content(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH)
}

/// # Errors
/// `http_response_transfer_coding` (502) for a transfer coding that isn't exactly one `chunked`.
pub(crate) fn check_response(headers: &HeaderMap) -> Result<(), ProxyError> {
    match only(headers, TRANSFER_ENCODING) {
        Ok(None) => Ok(()),
        Ok(Some(coding)) if is_chunked(coding) => Ok(()),
        Ok(Some(_)) | Err(Repeated) => {
            Err(ProxyError::new(ErrorKind::HttpResponseTransferCoding, Stage::Exchange))
        }
    }
}

/// `Content-Length` goes where none may be (1xx and 204, RFC 9110 §8.6), stays where it describes a body that isn't sent
/// (HEAD and 304), and is otherwise what the body says. Of an answer that ends with its head it says nothing unless the
/// upstream did: over HTTP/2 none is needed, gRPC's have none, and over HTTP/1 the server adds the 0.
///
/// # Errors
/// `http_protocol_error` (502) for one that stays and isn't exactly one number: hyper reads it only where a body follows.
pub(crate) fn set_response(
    headers: &mut HeaderMap,
    asked_with: &Method,
    status: StatusCode,
    body: BodyLength,
) -> Result<(), ProxyError> {
    let length = if status == StatusCode::NO_CONTENT || status.is_informational() {
        None
    } else if asked_with == Method::HEAD || status == StatusCode::NOT_MODIFIED {
        described_length(headers)?
    } else {
        match body {
            BodyLength::None => headers.contains_key(CONTENT_LENGTH).then_some(0),
            BodyLength::Exactly(length) => Some(length),
            BodyLength::Unknown => None,
        }
    };
    match length {
        Some(length) => set_length(headers, length),
        None => {
            headers.remove(CONTENT_LENGTH);
        }
    }
    Ok(())
}

/// The one transfer coding that is forwarded (RFC 9112 §7.1).
pub(crate) fn is_chunked(coding: &HeaderValue) -> bool {
    coding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked")
}

fn described_length(headers: &HeaderMap) -> Result<Option<u64>, ProxyError> {
    let unreadable = || ProxyError::new(ErrorKind::HttpProtocolError, Stage::Exchange);
    match only(headers, CONTENT_LENGTH) {
        Ok(None) => Ok(None),
        Ok(Some(value)) => number(value).map(Some).ok_or_else(unreadable),
        Err(Repeated) => Err(unreadable()),
    }
}

fn number(value: &HeaderValue) -> Option<u64> {
    let text = value.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(headers: &HeaderMap) -> Vec<String> {
        headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect()
    }

    #[test]
    fn requests() {
        for (method, received, body, expected) in [
            (Method::GET, None, BodyLength::None, None),
            (Method::GET, Some("0"), BodyLength::None, Some("content-length: 0")),
            (Method::GET, None, BodyLength::Unknown, Some("transfer-encoding: chunked")),
            (Method::DELETE, None, BodyLength::Unknown, Some("transfer-encoding: chunked")),
            (Method::GET, Some("3"), BodyLength::Exactly(3), Some("content-length: 3")),
            (Method::POST, None, BodyLength::None, Some("content-length: 0")),
            (Method::POST, Some("9"), BodyLength::Unknown, Some("transfer-encoding: chunked")),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(length) = received {
                headers.insert(CONTENT_LENGTH, HeaderValue::from_static(length));
            }
            set_request(&mut headers, &method, body);
            assert_eq!(
                shown(&headers),
                Vec::from_iter(expected.map(str::to_owned)),
                "{method} {received:?} {body:?}"
            );
        }
    }

    #[test]
    fn announced_trailers_are_not_lost_behind_a_length() {
        let mut headers = HeaderMap::new();
        headers.insert(TRAILER, HeaderValue::from_static("x-checksum"));
        set_request(&mut headers, &Method::POST, BodyLength::Exactly(3));
        assert_eq!(shown(&headers), ["trailer: x-checksum", "transfer-encoding: chunked"]);
    }

    #[test]
    fn responses() {
        for (method, status, received, body, expected) in [
            (Method::GET, 200, Some("5"), BodyLength::Exactly(5), Some("content-length: 5")),
            (Method::GET, 200, Some("005"), BodyLength::Exactly(5), Some("content-length: 5")),
            (Method::GET, 200, Some("6"), BodyLength::Exactly(5), Some("content-length: 5")),
            (Method::GET, 200, None, BodyLength::Unknown, None),
            (Method::GET, 200, None, BodyLength::None, None),
            (Method::GET, 200, Some("0"), BodyLength::None, Some("content-length: 0")),
            (Method::GET, 200, Some("7"), BodyLength::None, Some("content-length: 0")),
            (Method::HEAD, 200, Some("5"), BodyLength::None, Some("content-length: 5")),
            (Method::HEAD, 200, None, BodyLength::None, None),
            (Method::GET, 304, Some("5"), BodyLength::None, Some("content-length: 5")),
            (Method::GET, 304, None, BodyLength::None, None),
            (Method::GET, 204, Some("5"), BodyLength::None, None),
            (Method::HEAD, 204, Some("5"), BodyLength::None, None),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(length) = received {
                headers.insert(CONTENT_LENGTH, HeaderValue::from_static(length));
            }
            set_response(&mut headers, &method, StatusCode::from_u16(status).unwrap(), body).unwrap();
            assert_eq!(
                shown(&headers),
                Vec::from_iter(expected.map(str::to_owned)),
                "{method} {status} {received:?}"
            );
        }
    }

    #[test]
    fn described_lengths() {
        for lines in [&["5", "5"][..], &["5", "6"], &["5, 5"], &["+5"], &[""], &["99999999999999999999"]] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(CONTENT_LENGTH, HeaderValue::from_static(line));
            }
            let described = set_response(&mut headers, &Method::HEAD, StatusCode::OK, BodyLength::None);
            assert_eq!(described.unwrap_err().kind(), ErrorKind::HttpProtocolError, "{lines:?}");
        }
    }

    #[test]
    fn response_codings() {
        for (lines, ok) in [
            (&[][..], true),
            (&["chunked"], true),
            (&["gzip, chunked"], false),
            (&["gzip"], false),
            (&["chunked", "chunked"], false),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(TRANSFER_ENCODING, HeaderValue::from_static(line));
            }
            assert_eq!(check_response(&headers).is_ok(), ok, "{lines:?}");
        }
    }
}
