//! Headers that only a gateway may set, and other spellings that a backend would take for them.

use http::header::{FORWARDED, HOST, HeaderName, VIA};

use super::spelling::folded;

/// Headers that a client can't have removed by naming them in `Connection`.
static OWNED: [HeaderName; 4] = [HOST, VIA, FORWARDED, HeaderName::from_static("x-request-id")];

/// Names whose other spellings must not reach a backend that takes another mark for `-` (CGI, WSGI, PHP).
const FOLDED: [&str; 13] = [
    "content-length",
    "transfer-encoding",
    "connection",
    "host",
    "via",
    "forwarded",
    "x-real-ip",
    "x-original-url",
    "x-rewrite-url",
    "x-request-id",
    "x-admin-token",
    "client-cert",
    "client-cert-chain",
];

/// All headers that begin so say who the client is.
const FORWARDED_PREFIX: &str = "x-forwarded-";

pub(crate) fn is_protected(name: &HeaderName) -> bool {
    OWNED.contains(name) || is_forwarded(name)
}

fn is_forwarded(name: &HeaderName) -> bool {
    name.as_str().starts_with(FORWARDED_PREFIX)
}

/// Whether a header says who the client is, or what it has asked for: some frameworks take `X-Original-URL` and
/// `X-Rewrite-URL` for the target, which leads around a gate. Only a trusted peer may send it.
pub(crate) fn is_claim(name: &HeaderName) -> bool {
    is_forwarded(name)
        || matches!(name.as_str(), "forwarded" | "x-real-ip" | "x-original-url" | "x-rewrite-url")
}

/// Whether a header tells of a client's certificate. Only the gateway may set it: a trusted peer that doesn't know these
/// headers passes on those of its client.
pub(crate) fn is_certificate(name: &HeaderName) -> bool {
    matches!(name.as_str(), "client-cert" | "client-cert-chain" | "x-forwarded-client-cert")
}

/// Whether a header says who sent the request. It must not arrive in a trailer.
pub(crate) fn is_identity(name: &HeaderName) -> bool {
    is_protected(name) || is_certificate(name) || matches!(name.as_str(), "x-real-ip" | "x-admin-token")
}

/// Whether a name is another spelling, like `X_Forwarded_For` or `Transfer.Encoding`.
pub(crate) fn is_alias(name: &HeaderName) -> bool {
    let name = name.as_str();
    // The names with a `-` begin with one of these letters. Most other names don't, and need not be read.
    if !matches!(name.as_bytes().first(), Some(b'c' | b't' | b'x')) {
        return false;
    }
    if name.bytes().all(|byte| folded(byte) == byte) {
        return false;
    }
    let read = || name.bytes().map(folded);
    FOLDED.iter().any(|owned| read().eq(owned.bytes()))
        || read().take(FORWARDED_PREFIX.len()).eq(FORWARDED_PREFIX.bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn other_headers_stay() {
        for name in ["x_custom", "sec.thing", "x-forwarded-for", "host", "x_forwarde"] {
            assert!(!is_alias(&HeaderName::from_static(name)), "{name}");
        }
    }

    proptest! {
        #[test]
        fn no_spelling_passes(
            name in prop::sample::select(FOLDED.iter().copied().chain(["x-forwarded-for", "x-forwarded-proto"]).filter(|n| n.contains('-')).collect::<Vec<_>>()),
            separators in proptest::collection::vec(prop::sample::select(vec!['-', '_', '.', '!', '~']), 4)
        ) {
            let mut separator = separators.into_iter().cycle();
            let spelled: String = name.chars().map(|c| if c == '-' { separator.next().unwrap() } else { c }).collect();
            prop_assume!(spelled != name);
            prop_assert!(is_alias(&spelled.parse().unwrap()), "{spelled}");
        }
    }
}
