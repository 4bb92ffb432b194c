//! Header fields, mostly those that a proxy treats in a special way, and slow but simple code that says how.

use arbitrary::{Arbitrary, Unstructured};
use http::{HeaderMap, HeaderName, HeaderValue};

const NAMES: [&str; 48] = [
    "connection",
    "proxy-connection",
    "keep-alive",
    "te",
    "transfer-encoding",
    "transfer_encoding",
    "transfer.encoding",
    "content-length",
    "content_length",
    "host",
    "via",
    "forwarded",
    "x-forwarded-for",
    "x_forwarded_for",
    "x-forwarded_for",
    "x.forwarded.for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-prefix",
    "x-forwarded-port",
    "x_forwarded-",
    "x-real-ip",
    "x_real_ip",
    "x-request-id",
    "x_request_id",
    "x-admin-token",
    "x_admin_token",
    "x.admin-token",
    "upgrade",
    "http2-settings",
    "expect",
    "trailer",
    "proxy-authorization",
    "proxy-authenticate",
    "authorization",
    "cookie",
    "set-cookie",
    "content-type",
    "content-encoding",
    "content-range",
    "cache-control",
    "server",
    "date",
    "x-a",
    "x-b",
    "x_b",
    "grpc-status",
    "x-checksum",
];

const VALUES: [&str; 32] = [
    "",
    "0",
    "5",
    "05",
    "5, 5",
    "+5",
    "chunked",
    " Chunked ",
    "gzip, chunked",
    "trailers",
    "trailers, deflate;q=0.5",
    "upgrade",
    "keep-alive, Upgrade",
    "websocket",
    "WebSocket",
    "h2c",
    "100-continue",
    "100-Continue",
    "200-ok",
    "close",
    "a.example",
    "a.example:80",
    "[::1]:9001",
    "a@b",
    "a, b",
    "1.1 gateway",
    "192.0.2.7",
    "192.0.2.7, 10.0.0.1",
    "for=192.0.2.7;host=\"x\"",
    "https",
    "/outer",
    "0123456789abcdef",
];

/// The names that a proxy has to treat as hop-by-hop.
pub const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "proxy-connection",
    "keep-alive",
    "te",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
    "proxy-authenticate",
    "proxy-authorization",
];

#[derive(Clone, Debug)]
pub struct Field {
    pub name: HeaderName,
    pub value: HeaderValue,
}

impl<'a> Arbitrary<'a> for Field {
    fn arbitrary(u: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        let name = name(u)?;
        let value = match u.arbitrary::<u8>()? % 4 {
            0 => nominations(u)?,
            1 => bytes(u)?,
            _ => HeaderValue::from_static(u.choose(&VALUES)?),
        };
        Ok(Self { name, value })
    }
}

fn name(u: &mut Unstructured<'_>) -> arbitrary::Result<HeaderName> {
    if u.ratio(7, 8)? {
        return Ok(HeaderName::from_static(u.choose(&NAMES)?));
    }
    let bytes: &[u8] = u.arbitrary()?;
    Ok(HeaderName::from_bytes(bytes).unwrap_or(HeaderName::from_static("x-c")))
}

fn bytes(u: &mut Unstructured<'_>) -> arbitrary::Result<HeaderValue> {
    Ok(HeaderValue::from_bytes(u.arbitrary()?).unwrap_or(HeaderValue::from_static("x")))
}

/// A list of field names in any case, as in `Connection`.
fn nominations(u: &mut Unstructured<'_>) -> arbitrary::Result<HeaderValue> {
    let mut list = String::new();
    for _ in 0..u.int_in_range(1..=4)? {
        let name = name(u)?;
        list.push_str(u.choose(&["", ",", ", ", " ,\t", ",,"])?);
        if u.arbitrary()? {
            list.push_str(&name.as_str().to_ascii_uppercase())
        } else {
            list.push_str(name.as_str())
        }
    }
    Ok(HeaderValue::from_str(&list).expect("names and separators"))
}

/// Makes a header map. The lines of one name keep their order.
pub fn map(fields: &[Field]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for field in fields {
        map.append(field.name.clone(), field.value.clone());
    }
    map
}

pub fn values(headers: &HeaderMap, name: &str) -> Vec<Vec<u8>> {
    headers.get_all(name).iter().map(|value| value.as_bytes().to_vec()).collect()
}

/// The members of all lines of a comma-separated field, in lower case.
pub fn members(headers: &HeaderMap, name: &str) -> Vec<String> {
    values(headers, name)
        .iter()
        .flat_map(|line| line.split(|byte| *byte == b','))
        .map(|member| String::from_utf8_lossy(member.trim_ascii()).to_ascii_lowercase())
        .filter(|member| !member.is_empty())
        .collect()
}

/// Whether a field is passed on even if `Connection` names it.
pub fn is_protected(name: &str) -> bool {
    matches!(name, "host" | "via" | "forwarded" | "x-request-id" | "content-length")
        || name.starts_with("x-forwarded-")
}

/// Whether a CGI-like backend would confuse the name with one that only the gateway may set.
pub fn is_alias(name: &str) -> bool {
    let owned = |name: &str| {
        is_protected(name)
            || matches!(name, "x-real-ip" | "x-admin-token" | "transfer-encoding" | "connection")
    };
    let folded = name.replace(['_', '.'], "-");
    folded != name && owned(&folded)
}

/// Whether a trailer field can't change how the message is framed, or who its sender is.
pub fn is_clean_trailer(name: &str) -> bool {
    const NEVER: [&str; 12] = [
        "authorization",
        "content-encoding",
        "content-range",
        "content-type",
        "cookie",
        "expect",
        "set-cookie",
        "trailer",
        "x-real-ip",
        "x-admin-token",
        "host",
        "via",
    ];
    !HOP_BY_HOP.contains(&name) && !is_protected(name) && !is_alias(name) && !NEVER.contains(&name)
}

/// Asserts that every field for which `concerns` is false reached the other side, with all its lines in order.
pub fn assert_others_pass(sent: &HeaderMap, seen: &HeaderMap, concerns: impl Fn(&str) -> bool) {
    for name in sent.keys().chain(seen.keys()).map(HeaderName::as_str).filter(|name| !concerns(name)) {
        assert_eq!(values(sent, name), values(seen, name), "{name}");
    }
}
