//! `jwt` with the keys of a file.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use super::{ask, ask_once, file, guarded};
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::tokens::{Signer, claims, now, set};

const RULES: &str = "issuer = \"https://id.example\", audience = [\"api\", \"web\"]";

fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

#[tokio::test]
async fn a_token_opens_if_all_of_it_is_right() {
    let signers = [Signer::ed25519("ed"), Signer::p256("ec"), Signer::rsa("rsa")];
    let stranger = Signer::p256("ec");
    let unknown = Signer::p256("other");
    let upstream = RecordingUpstream::start(|_| Script::ok("in")).await;
    let (_kept, keys) = file("jwks.json", &set(&signers.each_ref()));
    let gateway = guarded(&upstream, &format!("jwt = {{ keys_file = {keys}, {RULES}, leeway = \"10s\" }}"));
    let mut client = RawClient::connect(gateway.addr).await;
    for signer in &signers {
        assert_eq!(ask(&mut client, &bearer(&signer.sign(&claims(&json!({}))))).await.status(), 200);
    }
    let signed = |others: Value| signers[0].sign(&claims(&others));
    let mut without_expiry = claims(&json!({}));
    without_expiry.as_object_mut().unwrap().remove("exp");
    let mut without_issuer = claims(&json!({}));
    without_issuer.as_object_mut().unwrap().remove("iss");
    let mut without_audience = claims(&json!({}));
    without_audience.as_object_mut().unwrap().remove("aud");
    for (what, token, is_right) in [
        ("another audience of ours", signed(json!({ "aud": "web" })), true),
        ("one of several audiences", signed(json!({ "aud": ["x", "api"] })), true),
        ("just expired", signed(json!({ "exp": now() - 5 })), true),
        ("not quite valid", signed(json!({ "nbf": now() + 5 })), true),
        ("expired", signed(json!({ "exp": now() - 20 })), false),
        ("not valid yet", signed(json!({ "nbf": now() + 60 })), false),
        ("another issuer", signed(json!({ "iss": "https://id.example/" })), false),
        ("a list of issuers", signed(json!({ "iss": ["https://id.example"] })), false),
        ("another audience", signed(json!({ "aud": "other" })), false),
        ("no expiry", signers[0].sign(&without_expiry), false),
        ("no issuer", signers[0].sign(&without_issuer), false),
        ("no audience", signers[0].sign(&without_audience), false),
        ("a stranger's key of a known id", stranger.sign(&claims(&json!({}))), false),
        ("an unknown id", unknown.sign(&claims(&json!({}))), false),
        ("no token", "abc".to_owned(), false),
        ("four parts", format!("{}.x", signed(json!({}))), false),
        ("longer than any", "a".repeat(17 << 10), false),
    ] {
        let answer = ask(&mut client, &bearer(&token)).await;
        assert_eq!(answer.status(), if is_right { 200 } else { 401 }, "{what}");
        let challenge = (!is_right).then_some("Bearer realm=\"restricted\", error=\"invalid_token\"");
        assert_eq!(answer.header("www-authenticate"), challenge, "{what}");
    }
    let answer = ask(&mut client, "").await;
    assert_eq!(
        (answer.status(), answer.header("www-authenticate")),
        (401, Some("Bearer realm=\"restricted\""))
    );
    assert!(upstream.requests().iter().all(|request| !request.headers.has("authorization")));
    assert_eq!(upstream.requests().len(), 7);
}

#[tokio::test]
async fn nobody_makes_a_token_out_of_what_is_public() {
    let signers = [Signer::rsa("rsa"), Signer::p256("ec")];
    let upstream = RecordingUpstream::start(|_| Script::ok("in")).await;
    let (_kept, keys) = file("jwks.json", &set(&signers.each_ref()));
    let gateway = guarded(&upstream, &format!("jwt = {{ keys_file = {keys} }}"));
    let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let payload = json!({ "sub": "root", "exp": now() + 300 });
    let mut forged = vec![];
    for alg in ["none", "None", "NONE", ""] {
        for signature in ["", "AAAA"] {
            let header = encoded(&json!({ "alg": alg, "kid": "rsa" }));
            forged.push(format!("{header}.{}.{signature}", encoded(&payload)));
        }
    }
    // The public key as the secret of HMAC, in every form in which it may be meant.
    for signer in &signers {
        let jwk = signer.jwk();
        let raw = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap_or_default()).unwrap();
        for secret in
            [jwk.to_string().into_bytes(), raw("n"), raw("x"), [&[4], &raw("x")[..], &raw("y")].concat()]
        {
            for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
                let mut header = Header::new(algorithm);
                header.kid = jwk["kid"].as_str().map(str::to_owned);
                let key = EncodingKey::from_secret(if secret.is_empty() { b"x" } else { &secret }).unwrap();
                forged.push(encode(&header, &payload, &key).unwrap());
            }
        }
    }
    // A key that the token brings itself.
    let own = Signer::ed25519("rsa");
    let mut header = Header::new(Algorithm::EdDSA);
    header.jwk = serde_json::from_value(own.jwk()).unwrap();
    header.jku = Some("https://evil.example/jwks".to_owned());
    let parts = own.sign(&payload);
    forged.push(format!("{}.{}", encoded(&json!(header)), parts.split_once('.').unwrap().1));
    // A signature of another kind of key, and one that is cut.
    let good = signers[1].sign(&payload);
    forged.push(good[..good.len() - 4].to_owned());
    for token in &forged {
        assert_eq!(ask_once(&gateway, &bearer(token)).await.status(), 401, "{token}");
    }
    assert!(upstream.requests().is_empty());
    assert_eq!(ask_once(&gateway, &bearer(&good)).await.status(), 200);
}

#[tokio::test]
async fn an_algorithm_that_is_not_named_opens_nothing() {
    let signer = Signer::rsa("rsa").with(Algorithm::PS256);
    let upstream = RecordingUpstream::start(|_| Script::ok("in")).await;
    let (_kept, keys) = file("jwks.json", &set(&[&signer]));
    let token = signer.sign(&json!({ "exp": now() + 300 }));
    for (algorithms, status) in [("[\"PS256\"]", 200), ("[\"RS256\", \"EdDSA\"]", 401)] {
        let gateway =
            guarded(&upstream, &format!("jwt = {{ keys_file = {keys}, algorithms = {algorithms} }}"));
        assert_eq!(ask_once(&gateway, &bearer(&token)).await.status(), status, "{algorithms}");
    }
}

#[tokio::test]
async fn claims_are_required_and_told() {
    let signer = Signer::ed25519("ed");
    let upstream = RecordingUpstream::start(|_| Script::ok("in")).await;
    let (_kept, keys) = file("jwks.json", &set(&[&signer]));
    let gateway = guarded(
        &upstream,
        &format!(
            "jwt = {{ keys_file = {keys}, {RULES}, required = {{ scope = \"read\", \"realm.roles\" = [\"a\", \"b\"] }}, \
             headers = {{ \"x-user\" = \"sub\", \"x-roles\" = \"realm.roles\", \"x-tenant\" = \"tenant\" }} }}"
        ),
    );
    let forged = "X-User: root\r\nX_User: root\r\nX-Tenant: root\r\nConnection: close, X-User\r\n";
    let token = signer.sign(&claims(&json!({ "scope": "write read", "realm": { "roles": ["b", "c"] } })));
    assert_eq!(ask_once(&gateway, &format!("{}{forged}", bearer(&token))).await.status(), 200);
    let told = &upstream.requests()[0].headers;
    assert_eq!((told.all("x-user"), told.all("x-roles")), (vec!["ann"], vec!["b,c"]));
    assert!(!told.has("x-tenant") && !told.has("x_user"), "{told:?}");

    for others in
        [json!({}), json!({ "scope": "read" }), json!({ "scope": "reader", "realm": { "roles": ["a"] } })]
    {
        let answer = ask_once(&gateway, &bearer(&signer.sign(&claims(&others)))).await;
        assert_eq!(answer.status(), 403, "{others}");
        let challenge = "Bearer realm=\"restricted\", error=\"insufficient_scope\"";
        assert_eq!(answer.header("www-authenticate"), Some(challenge));
    }
}

#[tokio::test]
async fn a_cookie_may_hold_it_and_both_are_kept_from_the_upstream_unless_asked_for() {
    let signer = Signer::ed25519("ed");
    let upstream = RecordingUpstream::start(|_| Script::ok("in")).await;
    let (_kept, keys) = file("jwks.json", &set(&[&signer]));
    let token = signer.sign(&claims(&json!({})));
    let cookies = format!("Cookie: a=b; session={token}; c=d\r\n");
    for (forward, cookie, authorization) in [
        ("false", "a=b; c=d".to_owned(), None),
        ("true", format!("a=b; c=d; session={token}"), Some(format!("Bearer {token}"))),
    ] {
        let rules =
            format!("jwt = {{ keys_file = {keys}, {RULES}, cookie = \"session\", forward = {forward} }}");
        let gateway = guarded(&upstream, &rules);
        assert_eq!(ask_once(&gateway, &cookies).await.status(), 200);
        assert_eq!(ask_once(&gateway, &bearer(&token)).await.status(), 200);
        let seen = upstream.requests();
        let [.., with_cookie, with_bearer] = &seen[..] else { panic!("{seen:?}") };
        assert_eq!(with_cookie.headers.all("cookie"), [cookie]);
        assert_eq!(with_bearer.headers.one("authorization"), authorization.as_deref());
    }
}
