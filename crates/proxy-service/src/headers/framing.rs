//! Framing (RFC 9112 §6): both directions get new framing, from the size of the body.

use http::header::{CONTENT_LENGTH, HeaderMap, HeaderValue, TRAILER, TRANSFER_ENCODING};
use http::{Method, StatusCode};
use http_body::Body;
use http1::BodySize;

use super::single::{Repeated, only};
use crate::error::{ErrorKind, ProxyError, Stage};

/// How long a body is, as far as it says so itself.
pub(crate) fn size_of(body: &impl Body) -> BodySize {
    match body.size_hint().exact() {
        _ if body.is_end_stream() => BodySize::None,
        Some(length) => BodySize::Exactly(length),
        None => BodySize::Unknown,
    }
}

/// Sets the framing of a request. A body is chunked if its length is unknown or trailers are announced, whatever the
/// method: without this header, a client on hyper would drop the body of a GET or HEAD.
pub(crate) fn set_request(headers: &mut HeaderMap, method: &Method, body: BodySize) {
    match body {
        BodySize::Exactly(length) if !headers.contains_key(TRAILER) => set_length(headers, length),
        BodySize::Exactly(_) | BodySize::Unknown => {
            headers.remove(CONTENT_LENGTH);
            headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
        }
        BodySize::None if anticipates_content(method) || headers.contains_key(CONTENT_LENGTH) => {
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        BodySize::None => {}
    }
}

/// Keeps the received value if it says the same, which saves an allocation.
fn set_length(headers: &mut HeaderMap, length: u64) {
    let is_there = |value: &HeaderValue| number(value) == Some(length) && !value.as_bytes().starts_with(b"0");
    if !only(headers, CONTENT_LENGTH).is_ok_and(|value| value.is_some_and(is_there)) {
        headers.insert(CONTENT_LENGTH, length.into());
    }
}

/// Methods that send `Content-Length: 0` if they have no body (RFC 9110 §8.6).
fn anticipates_content(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH)
}

/// Checks the transfer coding of a response.
///
/// # Errors
/// `http_response_transfer_coding` (502) for anything but exactly one `chunked`.
pub(crate) fn check_response(headers: &HeaderMap) -> Result<(), ProxyError> {
    match only(headers, TRANSFER_ENCODING) {
        Ok(None) => Ok(()),
        Ok(Some(coding)) if is_chunked(coding) => Ok(()),
        Ok(Some(_)) | Err(Repeated) => {
            Err(ProxyError::new(ErrorKind::HttpResponseTransferCoding, Stage::Exchange))
        }
    }
}

/// Sets `Content-Length` of a response:
///
/// - It is removed from 1xx and 204, which may not have one (RFC 9110 §8.6).
/// - It is kept in answers to HEAD and in 304, where it describes a body that is not sent.
/// - Otherwise it is the length of the body, if that is known.
/// - A response without a body says 0 only if the upstream sent a length. HTTP/2 needs none, gRPC sends none, and
///   over HTTP/1 the server adds it.
///
/// # Errors
/// `http_protocol_error` (502) if a length that is kept isn't exactly one number. A client on hyper checks it only if a
/// body follows.
pub(crate) fn set_response(
    headers: &mut HeaderMap,
    asked_with: &Method,
    status: StatusCode,
    body: BodySize,
) -> Result<(), ProxyError> {
    let length = if status == StatusCode::NO_CONTENT || status.is_informational() {
        None
    } else if asked_with == Method::HEAD || status == StatusCode::NOT_MODIFIED {
        described_length(headers)?
    } else {
        match body {
            BodySize::None => headers.contains_key(CONTENT_LENGTH).then_some(0),
            BodySize::Exactly(length) => Some(length),
            BodySize::Unknown => None,
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

/// Whether the coding is `chunked` (RFC 9112 §7.1), the only one that is forwarded.
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
            (Method::GET, None, BodySize::None, None),
            (Method::GET, Some("0"), BodySize::None, Some("content-length: 0")),
            (Method::GET, None, BodySize::Unknown, Some("transfer-encoding: chunked")),
            (Method::DELETE, None, BodySize::Unknown, Some("transfer-encoding: chunked")),
            (Method::GET, Some("3"), BodySize::Exactly(3), Some("content-length: 3")),
            (Method::POST, None, BodySize::None, Some("content-length: 0")),
            (Method::POST, Some("9"), BodySize::Unknown, Some("transfer-encoding: chunked")),
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
        set_request(&mut headers, &Method::POST, BodySize::Exactly(3));
        assert_eq!(shown(&headers), ["trailer: x-checksum", "transfer-encoding: chunked"]);
    }

    #[test]
    fn responses() {
        for (method, status, received, body, expected) in [
            (Method::GET, 200, Some("5"), BodySize::Exactly(5), Some("content-length: 5")),
            (Method::GET, 200, Some("005"), BodySize::Exactly(5), Some("content-length: 5")),
            (Method::GET, 200, Some("6"), BodySize::Exactly(5), Some("content-length: 5")),
            (Method::GET, 200, None, BodySize::Unknown, None),
            (Method::GET, 200, None, BodySize::None, None),
            (Method::GET, 200, Some("0"), BodySize::None, Some("content-length: 0")),
            (Method::GET, 200, Some("7"), BodySize::None, Some("content-length: 0")),
            (Method::HEAD, 200, Some("5"), BodySize::None, Some("content-length: 5")),
            (Method::HEAD, 200, None, BodySize::None, None),
            (Method::GET, 304, Some("5"), BodySize::None, Some("content-length: 5")),
            (Method::GET, 304, None, BodySize::None, None),
            (Method::GET, 204, Some("5"), BodySize::None, None),
            (Method::HEAD, 204, Some("5"), BodySize::None, None),
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
            let described = set_response(&mut headers, &Method::HEAD, StatusCode::OK, BodySize::None);
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
