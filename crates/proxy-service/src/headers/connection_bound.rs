//! Authentication that is bound to a connection: NTLM, and Negotiate as IIS does it. Once a client has authenticated,
//! everything on that connection is done in its name. So no other client may use it.

use http::header::{
    AUTHORIZATION, HeaderMap, HeaderName, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, WWW_AUTHENTICATE,
};

/// Whether a request's credentials are bound to the connection that it is sent over.
///
/// That is so for the scheme `NTLM`, and for each scheme that begins with `Nego` (Negotiate, Nego2, NegoExts), in
/// `Authorization` or `Proxy-Authorization`. If in doubt, the answer is yes.
///
/// A layer that sends requests again must not do so with such a request: each step of the handshake is valid once,
/// and on one connection.
pub fn has_connection_bound_credentials(headers: &HeaderMap) -> bool {
    has_scheme(headers, [&AUTHORIZATION, &PROXY_AUTHORIZATION])
}

/// Whether a response asks for such credentials.
pub(crate) fn has_challenge(headers: &HeaderMap) -> bool {
    has_scheme(headers, [&WWW_AUTHENTICATE, &PROXY_AUTHENTICATE])
}

/// Splits at every comma, even in quotes. To see a challenge too many costs a connection; to see one too few would
/// give a user's identity to others. One walk costs less than two look-ups, which hash the names.
fn has_scheme(headers: &HeaderMap, names: [&HeaderName; 2]) -> bool {
    let lines = headers.iter().filter(|(name, _)| names.contains(name)).map(|(_, line)| line);
    lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b',')).any(is_connection_bound)
}

/// Whether a challenge or credentials (RFC 9110 §11.3, §11.4) begin with such a scheme.
fn is_connection_bound(member: &[u8]) -> bool {
    const NEGO: &[u8] = b"nego";
    let mut words = member.split(|byte| !byte.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let scheme = words.next().unwrap_or_default();
    scheme.eq_ignore_ascii_case(b"ntlm")
        || scheme.get(..NEGO.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(NEGO))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn challenged(lines: &[&str]) -> bool {
        let line = |line: &&str| (WWW_AUTHENTICATE, HeaderValue::from_str(line).unwrap());
        has_challenge(&lines.iter().map(line).collect())
    }

    #[test]
    fn schemes_in_any_case_at_any_place() {
        for lines in [
            &["NTLM"][..],
            &["ntlm"],
            &["nTlM TlRMTVNTUAACAAAA"],
            &["\tNTLM\t"],
            &["Negotiate"],
            &["NEGOTIATE oYG2MIG="],
            &["Nego"],
            &["Nego2"],
            &["NegoExts"],
            &["Basic realm=\"a\", NTLM"],
            &["Basic realm=\"a, b\" ,negotiate, NTLM"],
            &["Basic realm=\"a\",NTLM TlRMTVNTUAACAAAA"],
            &["Digest qop=\"auth,auth-int\", nonce=\"a\", NTLM"],
            &[",, NTLM"],
            &["Basic realm=\"not closed, NTLM"],
            &["Basic realm=\"a\"", "Bearer", "NTLM"],
            &["NTLM;q=1"],
            &["NTLM\""],
            &["NTLM="],
            &["\"NTLM\""],
        ] {
            assert!(challenged(lines), "{lines:?}");
        }
    }

    #[test]
    fn others_are_no_such_schemes() {
        for lines in [
            &[][..],
            &[""],
            &[",,"],
            &["Basic realm=\"a\""],
            &["Basic realm=\"NTLM\""],
            &["Bearer", "Digest realm=\"a\", nonce=\"ntlm\""],
            &["Kerberos"],
            &["NTLMish"],
            &["NTL"],
            &["Neg"],
            &["X-Negotiate"],
            &["Basic bnRsbQ=="],
        ] {
            assert!(!challenged(lines), "{lines:?}");
        }
    }

    #[test]
    fn bytes_that_are_no_text() {
        let mut headers = HeaderMap::new();
        headers.append(WWW_AUTHENTICATE, HeaderValue::from_bytes(b"\xff\xfe").unwrap());
        assert!(!has_challenge(&headers));
        headers.append(WWW_AUTHENTICATE, HeaderValue::from_bytes(b"\xff, \xa0NTLM \xff").unwrap());
        assert!(has_challenge(&headers));
    }

    #[test]
    fn each_side_has_its_two_headers() {
        for (name, is_of_request) in [
            (AUTHORIZATION, true),
            (PROXY_AUTHORIZATION, true),
            (WWW_AUTHENTICATE, false),
            (PROXY_AUTHENTICATE, false),
        ] {
            let headers = [(name.clone(), HeaderValue::from_static("NTLM"))].into_iter().collect();
            assert_eq!(has_connection_bound_credentials(&headers), is_of_request, "{name}");
            assert_eq!(has_challenge(&headers), !is_of_request, "{name}");
        }
    }
}
