//! Authentication that is bound to a connection: NTLM, and Negotiate as IIS has it. Whoever has shown once who they are goes by
//! that name until the connection ends, so that nobody else may use it.

use http::header::{
    AUTHORIZATION, HeaderMap, HeaderName, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, WWW_AUTHENTICATE,
};

/// Whether a request's credentials are for the connection that they come over: `NTLM`, or a scheme that begins with `Nego`
/// (Negotiate, Nego2, NegoExts), in `Authorization` or `Proxy-Authorization`.
///
/// For whoever sends requests again by rules of their own: such a request mustn't be, since each step of a handshake is good
/// once, and on one connection. In case of doubt the answer is yes.
pub fn has_connection_bound_credentials(headers: &HeaderMap) -> bool {
    has_scheme(headers, &AUTHORIZATION) || has_scheme(headers, &PROXY_AUTHORIZATION)
}

/// Whether an answer asks for such credentials.
pub(crate) fn has_challenge(headers: &HeaderMap) -> bool {
    has_scheme(headers, &WWW_AUTHENTICATE) || has_scheme(headers, &PROXY_AUTHENTICATE)
}

/// Takes every comma for one between two challenges, in quotes too: to see one too many costs a connection, to see one too
/// few gives somebody's identity away.
fn has_scheme(headers: &HeaderMap, name: &HeaderName) -> bool {
    let lines = headers.get_all(name);
    lines.iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b',')).any(is_connection_bound)
}

/// Whether a challenge or credentials (RFC 9110 §11.3 and §11.4) begin with such a scheme.
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
