use super::*;

const ED: &str = r#""kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo""#;
const P256: &str = r#""kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0""#;
const RSA: &str = r#""kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB""#;

fn set(keys: &[String]) -> KeySet {
    format!(r#"{{"keys":[{}]}}"#, keys.join(",")).parse().unwrap_or_else(|error| panic!("{error}"))
}

fn key(members: &str) -> String {
    format!("{{{members}}}")
}

#[test]
fn a_token_has_one_key_or_none() {
    let keys = set(&[
        key(&format!(r#"{ED},"kid":"ed""#)),
        key(&format!(r#"{RSA},"kid":"one""#)),
        key(&format!(r#"{RSA},"kid":"two","alg":"RS256""#)),
        key(P256),
    ]);
    let id = |id, algorithm| keys.find(id, algorithm).map(|key| key.id.as_deref().unwrap_or("none"));
    assert_eq!(id(Some("ed"), Algorithm::EdDSA), Some("ed"));
    assert_eq!(id(Some("two"), Algorithm::RS256), Some("two"));
    // Its key says what it is for.
    assert_eq!(id(Some("two"), Algorithm::RS512), None);
    assert_eq!(id(Some("one"), Algorithm::PS512), Some("one"));
    assert_eq!(id(Some("one"), Algorithm::EdDSA), None);
    assert_eq!(id(Some("three"), Algorithm::RS256), None);
    // The only key without an id may have any, and the only one that fits is meant by a token without.
    assert_eq!(id(Some("three"), Algorithm::ES256), Some("none"));
    assert_eq!(id(None, Algorithm::EdDSA), Some("ed"));
    assert_eq!(id(None, Algorithm::PS256), Some("one"));
    assert_eq!(id(None, Algorithm::RS256), None, "two keys may be meant");
}

#[test]
fn secrets_and_what_is_not_for_signatures_are_no_keys() {
    let odd = [
        key(r#""kty":"oct","k":"c2VjcmV0","alg":"HS256""#),
        key(r#""kty":"oct","k":"c2VjcmV0""#),
        key(&format!(r#"{RSA},"use":"enc""#)),
        key(&format!(r#"{RSA},"key_ops":["encrypt"]"#)),
        // A public key that says it is a secret.
        key(&format!(r#"{RSA},"alg":"HS256""#)),
        key(&format!(r#"{ED},"alg":"ES256""#)),
        key(&format!(r#"{RSA},"alg":"RSA-OAEP""#)),
        key(&format!(r#"{RSA},"alg":"none""#)),
        key(r#""kty":"EC","crv":"secp256k1","x":"AA","y":"AA""#),
        key(r#""kty":"new""#),
        "1".to_owned(),
    ];
    for other in &odd {
        let text = format!(r#"{{"keys":[{other}]}}"#);
        text.parse::<KeySet>().expect_err(other);
    }
    let with_good = [odd.as_slice(), &[key(&format!(r#"{ED},"use":"sig""#))]].concat();
    let keys = set(&with_good);
    assert_eq!(keys.len(), 1);
    for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        assert!(keys.find(None, algorithm).is_none());
    }
}

#[test]
fn what_is_no_set_says_why() {
    for (text, why) in [
        ("", "it is no JWK Set: not valid at line 1 of it"),
        ("{}", "it is no JWK Set: not valid at line 1 of it"),
        ("{\"keys\":\n[", "it is no JWK Set: not valid at line 2 of it"),
        (r#"{"keys":[]}"#, "it has no public key for signatures of RSA, P-256, P-384 or Ed25519"),
        ("-----BEGIN CERTIFICATE-----\n", "it has no public key of RSA, P-256, P-384 or Ed25519"),
    ] {
        assert_eq!(text.parse::<KeySet>().unwrap_err().to_string(), why, "{text}");
    }
    let many = vec![key(ED); MOST + 1].join(",");
    let error = format!(r#"{{"keys":[{many}]}}"#).parse::<KeySet>().unwrap_err();
    assert_eq!(error.to_string(), "it has more than 100 keys");
}

#[test]
fn a_key_in_pem_is_for_what_its_kind_is_for() {
    // Made by openssl.
    let ed = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";
    let keys: KeySet = ed.parse().unwrap_or_else(|error| panic!("{error}"));
    assert!(keys.find(Some("any"), Algorithm::EdDSA).is_some());
    assert!(keys.find(None, Algorithm::RS256).is_none());
}

#[test]
fn sets_are_compared_by_their_text() {
    assert_eq!(set(&[key(ED)]), set(&[key(ED)]));
    assert_ne!(set(&[key(ED)]), set(&[key(P256)]));
}
