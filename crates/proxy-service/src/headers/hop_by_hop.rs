//! Hop-by-hop headers (RFC 9110 §7.6.1): they are about one connection, and are not passed on.

use http::header::{CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, HeaderName, TE};

use super::owned;

/// The hop-by-hop headers of one message. The default is right for one without `Connection`.
#[derive(Default)]
pub(crate) struct HopByHop {
    nominated: Vec<HeaderName>,
}

impl HopByHop {
    /// Reads the names on every `Connection` line.
    ///
    /// `Host`, `Content-Length` and the headers that only gateways may set are ignored there: nobody can have them
    /// removed.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let nominated = tokens(headers)
            .filter_map(|token| HeaderName::from_bytes(token).ok())
            .filter(|name| *name != HOST && *name != CONTENT_LENGTH && !owned::is_protected(name))
            .collect();
        Self { nominated }
    }

    pub(crate) fn has(&self, name: &HeaderName) -> bool {
        is_always(name) || self.nominated.contains(name)
    }
}

/// Headers that are hop-by-hop whether `Connection` names them or not. `Trailer` isn't one: it describes the message,
/// and trailers are passed on.
pub(super) fn is_always(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "connection"
            | "proxy-connection"
            | "keep-alive"
            | "te"
            | "transfer-encoding"
            | "upgrade"
            | "http2-settings"
            | "proxy-authenticate"
            | "proxy-authorization"
            // CGI programs take it for their own proxy (CVE-2016-5385).
            | "proxy"
    )
}

/// Removes the hop-by-hop headers.
pub(crate) fn strip(headers: &mut HeaderMap) {
    let hop_by_hop = HopByHop::of(headers);
    remove_where(headers, |name| hop_by_hop.has(name));
}

/// Removes each header whose name `is_unwanted`.
pub(super) fn remove_where(headers: &mut HeaderMap, is_unwanted: impl Fn(&HeaderName) -> bool) {
    while let Some(name) = headers.keys().find(|name| is_unwanted(name)).cloned() {
        headers.remove(name);
    }
}

/// Whether any `Connection` line has this token.
pub(crate) fn connection_has(headers: &HeaderMap, wanted: &str) -> bool {
    tokens(headers).any(|token| token.eq_ignore_ascii_case(wanted.as_bytes()))
}

/// Whether the sender reads trailers: `TE` has the member `trailers`.
pub(crate) fn te_has_trailers(headers: &HeaderMap) -> bool {
    headers
        .get_all(TE)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .any(|member| member.trim_ascii().eq_ignore_ascii_case(b"trailers"))
}

fn tokens(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    headers
        .get_all(CONNECTION)
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use proptest::prelude::*;

    fn map(lines: &[(&str, &str)]) -> HeaderMap {
        lines
            .iter()
            .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap()))
            .collect()
    }

    #[test]
    fn every_line_every_token_any_case() {
        let mut headers = map(&[
            ("connection", "keep-alive, X-One"),
            ("x-one", "1"),
            ("x-one", "again"),
            ("x-two", "2"),
            ("x-three", "3"),
        ]);
        headers.append(CONNECTION, HeaderValue::from_static(" ,\tx-TWO ,, close"));
        strip(&mut headers);
        assert_eq!(headers, map(&[("x-three", "3")]));
    }

    #[test]
    fn always_hop_by_hop() {
        let mut headers = map(&[
            ("proxy-connection", "x"),
            ("proxy", "x"),
            ("keep-alive", "x"),
            ("te", "trailers"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "h2c"),
            ("http2-settings", "x"),
            ("proxy-authenticate", "x"),
            ("proxy-authorization", "x"),
            ("trailer", "x-checksum"),
        ]);
        strip(&mut headers);
        assert_eq!(headers, map(&[("trailer", "x-checksum")]));
    }

    #[test]
    fn te() {
        assert!(te_has_trailers(&map(&[("te", "gzip;q=0.5, Trailers")])));
        assert!(!te_has_trailers(&map(&[("te", "trailers;q=0.5")])));
        assert!(!te_has_trailers(&map(&[])));
    }

    proptest! {
        #[test]
        fn no_nominated_header_survives_and_no_protected_one_dies(
            lines in proptest::collection::vec(proptest::collection::vec("(?i)x-(a|b|c)|host|content-length|x-request-id|via|close| ?", 0..5), 0..4)
        ) {
            let mut headers = map(&[
                ("x-a", "1"), ("x-b", "1"), ("x-c", "1"), ("host", "h"), ("content-length", "3"),
                ("x-request-id", "id"), ("via", "1.1 other"), ("x-forwarded-for", "1.2.3.4"),
            ]);
            for line in &lines {
                headers.append(CONNECTION, line.join(", ").parse().unwrap());
            }
            strip(&mut headers);
            for name in ["x-a", "x-b", "x-c"] {
                let nominated = lines.iter().flatten().any(|token| token.eq_ignore_ascii_case(name));
                prop_assert_eq!(headers.contains_key(name), !nominated, "{}", name);
            }
            for name in ["host", "content-length", "x-request-id", "via", "x-forwarded-for"] {
                prop_assert!(headers.contains_key(name), "{}", name);
            }
            prop_assert!(!headers.contains_key(CONNECTION));
        }
    }
}
