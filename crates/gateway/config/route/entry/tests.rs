use std::time::Duration;

use crate::config::{Config, Entry, Satisfy};

const ROUTE: &str = "[pools.a]\nupstreams = [\"http://127.0.0.1:1\"]\n[routes.\"/a\"]\npool = \"a\"\n";
const HASH: &str = "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";

fn read(lines: &str) -> Result<Entry, String> {
    let config = Config::parse("gateway.toml", format!("{ROUTE}{lines}\n"), |_| None);
    config.map(|config| config.routes[0].entry.clone()).map_err(|errors| errors.to_string())
}

/// A file, and its path as TOML.
fn file(text: &str) -> (tempfile::NamedTempFile, String) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let path = toml::Value::from(file.path().to_str().unwrap()).to_string();
    (file, path)
}

/// Lines, and what the error says at which place.
fn refused(rows: &[(&str, &str, &str)]) {
    for (lines, place, says) in rows {
        let error = read(lines).expect_err(lines);
        assert!(error.contains(&format!("gateway.toml:{place}:")), "{lines}: {error}");
        assert!(error.contains(says), "{lines}: {error}");
    }
}

#[test]
fn each_kind_of_entry_is_a_gate() {
    assert!(!read("").unwrap().is_gated());
    let (_kept, users) = file(&format!("ann:{HASH}"));
    for lines in [
        "admin_tokens = [\"0123456789abcdef\"]".to_owned(),
        "allow = [\"10.0.0.0/8\"]".to_owned(),
        "deny = [\"10.0.0.0/8\"]".to_owned(),
        format!("basic_auth = {{ file = {users} }}"),
        "forward_auth = { url = \"http://127.0.0.1:1/check\" }".to_owned(),
    ] {
        assert!(read(&lines).unwrap_or_else(|errors| panic!("{errors}")).is_gated(), "{lines}");
    }
}

#[test]
fn networks() {
    let entry = read("allow = [\"10.0.0.0/8\", \"::1\"]\ndeny = [\"10.1.0.0/16\"]").unwrap();
    assert_eq!(entry.allow, ["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()]);
    assert_eq!(entry.deny, ["10.1.0.0/16".parse().unwrap()]);
    refused(&[
        ("allow = []", "5:9", "an empty list would be nobody, or everyone"),
        ("deny = []", "5:8", "expected at least one network, or no deny"),
        ("deny = \"10.0.0.0/8\"", "5:8", "an array of networks"),
        ("allow = [\"10.0.0.1/8\"]", "5:10", "has bits set past its prefix"),
        ("allow = [\"ten\"]", "5:10", "is no network"),
    ]);
}

#[test]
fn users_with_passwords() {
    let (_kept, users) = file(&format!("ann:{HASH}"));
    let line = format!(
        "basic_auth = {{ file = {users}, realm = \"my files\", header = \"X-User\", forward = true }}"
    );
    let basic = read(&line).unwrap().basic_auth.unwrap();
    assert_eq!((basic.users.len(), basic.realm.as_str(), basic.forward), (1, "my files", true));
    assert_eq!(basic.header.unwrap(), "x-user");
    let plain = read(&format!("basic_auth = {{ file = {users} }}")).unwrap().basic_auth.unwrap();
    assert_eq!((plain.realm.as_str(), plain.header, plain.forward), ("restricted", None, false));

    let (_kept, md5) = file(&format!("ann:{HASH}\n\nbob:$apr1$lZL6V/ci$eIMz/iKDkbtys/uU7LEK00\n"));
    let error = read(&format!("basic_auth = {{ file = {md5} }}")).unwrap_err();
    assert!(error.contains("can't be used: line 3 has a hash of MD5"), "{error}");
    assert!(error.contains("bcrypt ($2y$") && !error.contains("eIMz"), "{error}");
    refused(&[
        ("basic_auth = true", "5:14", "expected a table such as { file = \"htpasswd\" }"),
        ("basic_auth = {}", "5:14", "has no file"),
        ("basic_auth = { file = \"/nowhere/htpasswd\" }", "5:23", "can't be read: No such file"),
        ("basic_auth = { file = \"/dev/null\" }", "5:23", "has no users"),
        ("basic_auth = { file = \"x\", realm = \"a\\\"b\" }", "5:36", "printable ASCII characters"),
        ("basic_auth = { file = \"x\", header = \"host\" }", "5:37", "host is the gateway's own"),
        ("basic_auth = { file = \"x\", header = \"X-Forwarded-User\" }", "5:37", "is the gateway's own"),
        (
            "basic_auth = { file = \"x\", header = \"Authorization\" }",
            "5:37",
            "authorization has what the client",
        ),
        ("basic_auth = { file = \"x\", header = \"a b\" }", "5:37", "is no name of a header field"),
        ("basic_auth = { file = \"x\", fil = 1 }", "5:28", "unknown key \"fil\""),
    ]);
}

#[test]
fn a_service_that_is_asked() {
    let line = "forward_auth = { url = \"http://127.0.0.1:4180/check?a\", copy = [\"X-User\"], request_headers = [\"cookie\"], timeout = \"1s\" }";
    let forward = read(line).unwrap().forward_auth.unwrap();
    assert_eq!(
        (forward.service.to_string(), forward.timeout),
        ("http://127.0.0.1:4180/check?a".to_owned(), Duration::from_secs(1))
    );
    assert_eq!(
        (forward.copy, forward.request_headers),
        (vec!["x-user".parse().unwrap()], Some(vec!["cookie".parse().unwrap()]))
    );
    let line =
        "forward_auth = { url = \"http://a/\", copy_back = [\"Set-Cookie\"], login = \"/login?rd={uri}\" }";
    let forward = read(line).unwrap().forward_auth.unwrap();
    assert_eq!(forward.copy_back, [http::header::SET_COOKIE]);
    assert_eq!(forward.login.map(|login| login.status.as_u16()), Some(302));
    let plain = read("forward_auth = { url = \"http://127.0.0.1:4180\" }").unwrap().forward_auth.unwrap();
    assert_eq!((&plain.login, plain.copy_back.len()), (&None, 0));
    assert_eq!((plain.copy.len(), plain.request_headers, plain.timeout), (0, None, Duration::from_secs(5)));
    refused(&[
        ("forward_auth = \"http://a/\"", "5:16", "expected a table"),
        ("forward_auth = {}", "5:16", "has no url"),
        ("forward_auth = { url = \"127.0.0.1:4180\" }", "5:24", "can't be asked"),
        ("forward_auth = { url = \"http://a/#b\" }", "5:24", "can't be asked"),
        (
            "forward_auth = { url = \"http://a/\", copy = \"x-user\" }",
            "5:44",
            "an array of names of header fields",
        ),
        (
            "forward_auth = { url = \"http://a/\", copy = [\"Transfer-Encoding\"] }",
            "5:45",
            "transfer-encoding is the gateway's own",
        ),
        (
            "forward_auth = { url = \"http://a/\", copy_back = [\"Content-Length\"] }",
            "5:50",
            "the gateway's own",
        ),
        ("forward_auth = { url = \"http://a/\", login = \"login\" }", "5:45", "a path such as"),
        (
            "forward_auth = { url = \"http://a/\", login = \"https://{query.to}/\" }",
            "5:45",
            "would let clients choose the host",
        ),
        ("forward_auth = { url = \"http://a/\", timeout = \"off\" }", "5:47", "this can't be off"),
    ]);
}

#[test]
fn one_of_several_may_be_enough() {
    let two = "allow = [\"10.0.0.0/8\"]\nforward_auth = { url = \"http://127.0.0.1:1/\" }";
    for (line, satisfy) in
        [("", Satisfy::All), ("satisfy = \"all\"", Satisfy::All), ("satisfy = \"any\"", Satisfy::Any)]
    {
        let entry = read(&format!("{two}\n{line}")).unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(entry.satisfy, satisfy, "{line}");
    }
    refused(&[
        ("satisfy = \"one\"", "5:11", "expected \"all\" or \"any\""),
        ("satisfy = \"any\"", "3:1", "has satisfy = \"any\", and nothing to choose from"),
        (
            "satisfy = \"any\"\nallow = [\"::1\"]\ndeny = [\"::2\"]",
            "3:1",
            "two or more of allow, basic_auth, jwt and forward_auth",
        ),
    ]);
}

#[cfg(not(feature = "jwt"))]
#[test]
fn without_the_feature_tokens_are_refused() {
    refused(&[("jwt = { keys_file = \"jwks.json\" }", "5:7", "was built without JSON Web Tokens")]);
}

#[cfg(feature = "jwt")]
mod tokens {
    use serde_json::json;

    use super::*;
    use crate::config::{JwtAlgorithm, JwtKeys};

    const JWKS: &str =
        r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

    #[test]
    fn all_keys() {
        let (_kept, keys) = file(JWKS);
        let line = format!(
            "jwt = {{ keys_file = {keys}, issuer = \"me\", audience = [\"a\", \"b\"], algorithms = [\"EdDSA\"], \
             required = {{ scope = \"read\", level = [1, 2], ok = true }}, headers = {{ \"X-User\" = \"sub\" }}, \
             leeway = \"5s\", cookie = \"session\", forward = true }}"
        );
        let entry = read(&line).unwrap_or_else(|errors| panic!("{errors}"));
        assert!(entry.is_gated());
        let jwt = entry.jwt.unwrap();
        assert_eq!((jwt.issuer.as_deref(), jwt.audience.len(), jwt.forward), (Some("me"), 2, true));
        assert_eq!(jwt.algorithms.iter().map(|algorithm| algorithm.name()).collect::<Vec<_>>(), ["EdDSA"]);
        let required: Vec<_> =
            jwt.required.iter().map(|claim| (claim.claim.as_str(), json!(claim.any_of))).collect();
        assert_eq!(required, [("level", json!([1, 2])), ("ok", json!([true])), ("scope", json!(["read"]))]);
        assert_eq!(jwt.headers, [("x-user".parse().unwrap(), "sub".to_owned())]);
        assert_eq!((jwt.leeway, jwt.cookie.as_deref()), (Duration::from_secs(5), Some("session")));
        assert!(matches!(jwt.keys, JwtKeys::File(keys) if keys.len() == 1));
    }

    #[test]
    fn defaults() {
        let jwt =
            read("jwt = { keys_url = \"http://127.0.0.1:1/jwks\", audience = \"a\" }").unwrap().jwt.unwrap();
        let JwtKeys::Url { url, refresh, .. } = &jwt.keys else { panic!("{jwt:?}") };
        assert_eq!(
            (url.to_string().as_str(), *refresh),
            ("http://127.0.0.1:1/jwks", Duration::from_secs(300))
        );
        assert_eq!(
            (jwt.issuer, jwt.audience, jwt.algorithms),
            (None, vec!["a".to_owned()], Vec::<JwtAlgorithm>::new())
        );
        assert_eq!((jwt.leeway, jwt.cookie, jwt.forward), (Duration::from_secs(60), None, false));
        assert!(jwt.required.is_empty() && jwt.headers.is_empty());
    }

    #[test]
    fn what_is_wrong_has_its_place() {
        refused(&[
            ("jwt = true", "5:7", "expected a table such as"),
            ("jwt = {}", "5:7", "has no keys"),
            (
                "jwt = { keys_file = \"a\", keys_url = \"http://a/\" }",
                "5:7",
                "exactly one of keys_file and keys_url",
            ),
            ("jwt = { keys_file = \"/nowhere/jwks\" }", "5:21", "can't be read: No such file"),
            ("jwt = { keys_file = \"/dev/null\" }", "5:21", "has no keys: it is no JWK Set"),
            ("jwt = { keys_url = \"a\" }", "5:20", "can't be asked"),
            ("jwt = { keys_url = \"http://a/\", refresh = \"500ms\" }", "5:43", "is too short"),
            ("jwt = { keys_url = \"http://a/\", issuer = \"\" }", "5:42", "the text is empty"),
            (
                "jwt = { keys_url = \"http://a/\", audience = [] }",
                "5:44",
                "an empty list would be nobody, or anybody",
            ),
            (
                "jwt = { keys_url = \"http://a/\", algorithms = [] }",
                "5:46",
                "without an algorithm no token is right",
            ),
            (
                "jwt = { keys_url = \"http://a/\", algorithms = [\"none\"] }",
                "5:47",
                "whoever has no key could make a token",
            ),
            ("jwt = { keys_url = \"http://a/\", algorithms = [\"HS256\"] }", "5:47", "its keys are secrets"),
            ("jwt = { keys_url = \"http://a/\", algorithms = [\"RS1\"] }", "5:47", "one of RS256,"),
            ("jwt = { keys_url = \"http://a/\", required = \"a\" }", "5:44", "it is no table"),
            (
                "jwt = { keys_url = \"http://a/\", required = { a = [] } }",
                "5:50",
                "an empty list is never fulfilled",
            ),
            (
                "jwt = { keys_url = \"http://a/\", required = { a = 1.5 } }",
                "5:50",
                "found a floating-point number",
            ),
            (
                "jwt = { keys_url = \"http://a/\", headers = { host = \"sub\" } }",
                "5:45",
                "host is the gateway's own",
            ),
            (
                "jwt = { keys_url = \"http://a/\", headers = { cookie = \"sub\" } }",
                "5:45",
                "cookie has what the client",
            ),
            ("jwt = { keys_url = \"http://a/\", headers = { x = 1 } }", "5:49", "the name of a claim"),
            ("jwt = { keys_url = \"http://a/\", leeway = \"2h\" }", "5:42", "at most 1h"),
            ("jwt = { keys_url = \"http://a/\", cookie = \"a b\" }", "5:42", "is no name of a cookie"),
        ]);
    }

    #[test]
    fn a_password_and_a_token_exclude_each_other() {
        let (_kept, users) = file(&format!("ann:{HASH}"));
        let lines = format!("basic_auth = {{ file = {users} }}\njwt = {{ keys_url = \"http://a/\" }}");
        let error = read(&lines).unwrap_err();
        assert!(
            error.contains("has basic_auth and jwt, and a request can carry only one of them"),
            "{error}"
        );
        let entry = read(&format!("{lines}\nsatisfy = \"any\"")).unwrap_or_else(|errors| panic!("{errors}"));
        assert!(entry.is_gated() && entry.satisfy == Satisfy::Any);
    }
}
