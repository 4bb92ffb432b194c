//! Header fields that the gateway owns: no route changes them.

use http::HeaderName;

/// What has a field in its hands, for those that the gateway owns.
pub(crate) fn owner(name: &HeaderName) -> Option<&'static str> {
    match name.as_str() {
        "host" => Some("upstream_host says which one is sent"),
        "content-length"
        | "transfer-encoding"
        | "trailer"
        | "te"
        | "connection"
        | "keep-alive"
        | "proxy-connection"
        | "http2-settings"
        | "proxy-authenticate"
        | "proxy-authorization" => Some("it belongs to one connection, and the gateway sets it for each"),
        "upgrade" => Some("the route's key upgrade says which protocols may be switched to"),
        "expect" => Some("the gateway answers it"),
        "via" | "date" => Some("the gateway sets it"),
        "x-request-id" => Some("the gateway keeps or makes it"),
        "forwarded" | "x-forwarded-for" | "x-forwarded-host" | "x-forwarded-proto" => {
            Some("the keys forwarded and trusted_proxies say what is sent")
        }
        "x-forwarded-prefix" => Some("it says what strip_prefix takes off"),
        "client-cert" | "client-cert-chain" | "x-forwarded-client-cert" => {
            Some("it is set from the client's certificate")
        }
        "x-admin-token" | "x-gateway-pick" => Some("it is for the gateway alone"),
        _ => None,
    }
}

/// Whether the gateway owns it.
pub(crate) fn is_owned(name: &HeaderName) -> bool {
    owner(name).is_some()
}

/// Whether a field says who the client is or what it has asked for, though the gateway doesn't send it by itself. From a
/// client it is removed, unless its route sets it.
pub(crate) fn is_claim(name: &HeaderName) -> bool {
    let text = name.as_str();
    let claims = matches!(text, "x-real-ip" | "x-original-url" | "x-rewrite-url");
    (claims || text.starts_with("x-forwarded-")) && !is_owned(name)
}
