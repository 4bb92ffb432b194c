use super::*;

const LETMEIN_SHA256: &str = "1c8bfe8f801d79745c4631d09fff36c82aa37fc4cce4fc946683d7b336b63032";

fn opens(token: AdminToken, secret: &str) -> bool {
    let set = TokenSet::from(token);
    matches!(set.find(&Digest::of(secret.as_bytes()), SystemTime::now()), Match::Live(_))
}

#[test]
fn a_secret_is_visible_ascii_of_a_bounded_length() {
    let longest = "x".repeat(AdminToken::MAX_LEN);
    let too_long = "x".repeat(AdminToken::MAX_LEN + 1);
    for (secret, valid) in [
        ("letmein", true),
        ("!", true),
        ("~", true),
        ("a,b=c;\"d\"", true),
        (longest.as_str(), true),
        (too_long.as_str(), false),
        ("", false),
        ("let me in", false),
        ("letmein\n", false),
        ("let\tmein", false),
        ("let\u{7f}mein", false),
        ("l\u{e9}tmein", false),
    ] {
        assert_eq!(AdminToken::new(secret).is_ok(), valid, "{secret:?}");
    }
}

#[test]
fn a_digest_is_as_good_as_its_secret() {
    let upper = LETMEIN_SHA256.to_uppercase();
    for hex in [LETMEIN_SHA256, &upper] {
        let token = AdminToken::from_sha256_hex(hex).unwrap();
        assert!(opens(token.clone(), "letmein"));
        assert!(!opens(token, "letmeim"));
    }
}

#[test]
fn a_digest_is_exactly_64_hex_digits() {
    let short = &LETMEIN_SHA256[1..];
    let not_hex = format!("g{short}");
    let prefixed = format!("0x{}", &LETMEIN_SHA256[2..]);
    let signed = format!("+{short}");
    let newline = format!("{LETMEIN_SHA256}\n");
    for hex in ["", short, &not_hex, &prefixed, &signed, &newline, &"\u{e9}".repeat(32)] {
        assert!(AdminToken::from_sha256_hex(hex).is_err(), "{hex:?}");
    }
}

#[test]
fn debug_and_errors_show_nothing_of_a_secret() {
    let token = AdminToken::new("letmein").unwrap().label("ops");
    let shown = format!("{token:?} {:?}", TokenSet::from(token.clone()));
    assert!(shown.contains("ops") && shown.contains("<hidden>"), "{shown}");
    assert!(!shown.contains("letmein") && !shown.to_lowercase().contains(&LETMEIN_SHA256[..8]), "{shown}");
    assert!(!shown.contains("28, 139"), "the digest's bytes: {shown}");

    let error = AdminToken::new("let me in").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("let me in"));
    let error = AdminToken::from_sha256_hex("cafe").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("cafe"));
}
