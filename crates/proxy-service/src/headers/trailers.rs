//! Trailers pass in both directions, except those that would change how the message is read or who sent it (RFC 9110
//! §6.5.1).

use http::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, COOKIE, EXPECT, HOST,
    HeaderMap, HeaderName, SET_COOKIE, TRAILER, VIA,
};

use http_body::Frame;

use super::hop_by_hop::{HopByHop, remove_where};
use super::owned;

static NEVER: [HeaderName; 11] = [
    AUTHORIZATION,
    CONTENT_ENCODING,
    CONTENT_LENGTH,
    CONTENT_RANGE,
    CONTENT_TYPE,
    COOKIE,
    EXPECT,
    HOST,
    SET_COOKIE,
    TRAILER,
    VIA,
];

/// Removes what must not be in trailers. A frame of data stays as it is.
pub(crate) fn cleaned<D>(frame: Frame<D>) -> Frame<D> {
    match frame.into_trailers() {
        Ok(mut trailers) => {
            clean(&mut trailers);
            Frame::trailers(trailers)
        }
        Err(data) => data,
    }
}

fn clean(trailers: &mut HeaderMap) {
    let hop_by_hop = HopByHop::of(trailers);
    remove_where(trailers, |name| {
        hop_by_hop.has(name) || owned::is_alias(name) || owned::is_identity(name) || NEVER.contains(name)
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn only_what_a_trailer_may_say() {
        let mut trailers = HeaderMap::new();
        for name in [
            "x-checksum",
            "grpc-status",
            "content-length",
            "transfer-encoding",
            "host",
            "x-forwarded-for",
            "x-admin-token",
            "x_request_id",
            "connection",
        ] {
            trailers.insert(HeaderName::from_static(name), HeaderValue::from_static("1"));
        }
        clean(&mut trailers);
        let mut left: Vec<_> = trailers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["grpc-status", "x-checksum"]);
    }
}
