use argon2::password_hash::PasswordHasher as _;
use argon2::{Algorithm, Argon2, Params, Version};

use super::*;

/// Of `secret`, made by crypt(3).
const SECRET: &str = "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";
/// Of `open sesame`.
const SESAME: &str = "$2b$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy";

fn argon2(algorithm: Algorithm, password: &str) -> String {
    let params = Params::new(16, 1, 1, None).unwrap();
    let argon2 = Argon2::new(algorithm, Version::V0x13, params);
    argon2.hash_password_with_salt(password.as_bytes(), b"0123456789abcdef").unwrap().to_string()
}

#[test]
fn the_right_password_of_a_user_is_right_and_no_other() {
    let argon2id = argon2(Algorithm::Argon2id, "letmein");
    let argon2i = argon2(Algorithm::Argon2i, "letmein");
    let text = format!("# users\n\nann:{SECRET}\r\nbob smith:{SESAME}\ncy:{argon2id}\ndi:{argon2i}\n");
    let users: Users = text.parse().unwrap();
    assert_eq!(users.len(), 4);
    let all = ["secret", "open sesame", "letmein", "", "Secret", "secret ", "secre"];
    for (name, own) in [("ann", "secret"), ("bob smith", "open sesame"), ("cy", "letmein"), ("di", "letmein")]
    {
        for password in all {
            assert_eq!(users.verify(name, password.as_bytes()), password == own, "{name} {password}");
        }
    }
    for name in ["", "Ann", "eve", "# users"] {
        assert!(!all.iter().any(|password| users.verify(name, password.as_bytes())), "{name}");
    }
}

#[test]
fn what_is_guessed_quickly_or_takes_too_long_is_refused_with_its_line() {
    let second = |line: &str| format!("ann:{SECRET}\n{line}\n");
    let costly = format!("b:$argon2id$v=19$m=524288,t=1,p=1$c29tZXNhbHQ${}", "A".repeat(43));
    let long = format!("b:$argon2id$v=19$m=262144,t=9,p=1$c29tZXNhbHQ${}", "A".repeat(43));
    for (line, why) in [
        ("b", "has no colon"),
        (":x", "has no name of a user"),
        ("b\u{e9}:x", "has no name of a user"),
        ("b:secret", "has a password, or a hash that is guessed quickly"),
        ("b:", "has a password, or a hash that is guessed quickly"),
        ("b:rqXexS6ZhobKA", "has a password, or a hash that is guessed quickly"),
        ("b:$apr1$lZL6V/ci$eIMz/iKDkbtys/uU7LEK00", "has a hash of MD5 ($apr1$), which is guessed quickly"),
        ("b:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", "has a hash of SHA-1 ({SHA}), which is guessed quickly"),
        ("b:$5$salt$hash", "has a hash of another kind"),
        (&SECRET.replace("$2y$", "b:$2x$"), "has a hash of a bcrypt with a known fault ($2x$)"),
        ("b:$2y$04$abc", "has a malformed hash of bcrypt"),
        (&SECRET.replace("$2y$04$", "b:$2y$16$"), "has a bcrypt that takes too long or can't be"),
        (&SECRET.replace("$2y$04$", "b:$2y$03$"), "has a bcrypt that takes too long or can't be"),
        ("b:$argon2id$v=19$m=16,t=1,p=1$c29tZXNhbHQ", "has a malformed hash of Argon2"),
        ("b:$argon2x$v=19$m=16,t=1,p=1$c29tZXNhbHQ$YWJjZGVmZ2hpamtsbW5vcA", "has a malformed hash of Argon2"),
        (&costly, "has an Argon2 that takes too much"),
        (&long, "has an Argon2 that takes too much"),
        (&format!("ann:{SESAME}"), "names a user for the second time"),
    ] {
        let error = second(line).parse::<Users>().expect_err(line);
        assert_eq!((error.line(), error.why), (2, why), "{line}");
        assert_eq!(error.to_string(), format!("line 2 {why}"));
    }
    let empty = "# nobody\n".parse::<Users>().unwrap_err();
    assert_eq!((empty.line(), empty.to_string()), (0, "has no users".to_owned()));
}

#[test]
fn the_costliest_hash_is_the_measure_for_unknown_users() {
    let cost = |text: &str| text.parse::<Password>().unwrap_or_else(|_| panic!("{text}")).cost();
    let argon2 = argon2(Algorithm::Argon2id, "a");
    let twelve = SECRET.replace("$04$", "$12$");
    assert!(cost(&argon2) < cost(SECRET) && cost(SECRET) < cost(&twelve));
    // The recommended one of each takes about as long as the other, within a factor of ten.
    let recommended = argon2.replace("m=16,t=1", "m=19456,t=2");
    assert!((cost(&recommended)..10 * cost(&recommended)).contains(&cost(&twelve)));
}

#[test]
fn nothing_shows_a_hash() {
    let users: Users = format!("ann:{SECRET}").parse().unwrap();
    assert!(!format!("{users:?}").contains('$'));
}
