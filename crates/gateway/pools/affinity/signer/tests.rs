use proptest::prelude::*;

use super::*;

const KEY: &[u8] = b"0123456789abcdef";

fn signer() -> Signer {
    Signer::keyed(KEY, "api")
}

/// The format must not change: while several gateways are updated one by one, clients would lose their upstream. The
/// signature is the beginning of what
/// `printf 'gateway affinity 1\0api\0\0\0\0\0\0\0\7' | openssl dgst -sha256 -hmac 0123456789abcdef` prints.
#[test]
fn does_not_change() {
    assert_eq!(signer().sign(7), "0000000000000007.db609ae714900ee5aaa5eabed010497b");
}

#[test]
fn anything_else_is_no_value() {
    let signer = signer();
    let good = signer.sign(7);
    assert_eq!(signer.verify(good.as_bytes()), Some(7));
    let (id, mac) = good.split_once('.').unwrap();
    for bad in [
        String::new(),
        ".".to_owned(),
        id.to_owned(),
        format!("{id}."),
        format!("{id}{mac}"),
        format!("{id}-{mac}"),
        format!("{id}.{}", &mac[1..]),
        format!("{id}.{}", &mac[..30]),
        format!("{id}.{mac}0"),
        format!("{id}.{mac}00"),
        format!("0{good}"),
        format!("{good} "),
        format!("\"{good}\""),
        good.to_uppercase(),
        format!("{id}.{}", mac.replace(|digit: char| digit.is_ascii_digit(), "g")),
        format!("{id}.{}", "0".repeat(32)),
        format!("7.{mac}"),
        format!("+00000000000000{}.{mac}", &id[15..]),
        "\u{e9}".repeat(25),
    ] {
        assert_ne!(bad, good);
        assert_eq!(signer.verify(bad.as_bytes()), None, "{bad}");
    }
}

/// Each byte has exactly one spelling, and any other pair of characters is refused.
#[test]
fn hex_is_lower_case_hex_alone() {
    let read = |digits: &[u8; 2]| from_hex::<1>(digits);
    let spelled: Vec<[u8; 2]> =
        (0..=u16::MAX).map(u16::to_be_bytes).filter(|pair| read(pair).is_some()).collect();
    let expected: Vec<[u8; 2]> =
        (0..=u8::MAX).map(|byte| format!("{byte:02x}").into_bytes().try_into().unwrap()).collect();
    assert_eq!(spelled, expected);
    assert!((0..=u8::MAX).zip(&spelled).all(|(byte, pair)| read(pair) == Some([byte])));
}

#[test]
fn without_a_secret_no_two_are_alike() {
    let (one, other) = (Signer::random("api"), Signer::random("api"));
    assert_eq!(one.verify(one.sign(7).as_bytes()), Some(7));
    assert_eq!(other.verify(one.sign(7).as_bytes()), None);
}

#[test]
fn shows_nothing_of_its_key() {
    assert_eq!(format!("{:?}", signer()), "Signer([redacted])");
}

proptest! {
    #[test]
    fn reads_what_it_signed(id: u64, key in prop::collection::vec(any::<u8>(), 16..200), pool in "[a-z0-9_-]{1,80}") {
        let (signer, twin) = (Signer::keyed(&key, &pool), Signer::keyed(&key, &pool));
        prop_assert_eq!(twin.verify(signer.sign(id).as_bytes()), Some(id));
    }

    /// A value isn't valid for another pool or with another key.
    #[test]
    fn reads_no_others_values(
        id: u64,
        pools in ("[a-z]{1,3}", "[a-z]{1,3}"),
        keys in prop::array::uniform2(prop::collection::vec(any::<u8>(), 16..17)),
    ) {
        let signer = Signer::keyed(&keys[0], &pools.0);
        if pools.0 != pools.1 {
            prop_assert_eq!(Signer::keyed(&keys[0], &pools.1).verify(signer.sign(id).as_bytes()), None);
        }
        if keys[0] != keys[1] {
            prop_assert_eq!(Signer::keyed(&keys[1], &pools.0).verify(signer.sign(id).as_bytes()), None);
        }
    }

    /// A value with one changed byte isn't valid.
    #[test]
    fn reads_nothing_that_was_tampered_with(id: u64, at in 0..49_usize, byte: u8) {
        let good = signer().sign(id).into_bytes();
        let mut bad = good.clone();
        bad[at] = byte;
        prop_assert_eq!(signer().verify(&bad), (bad == good).then_some(id));
    }

    #[test]
    fn survives_whatever_comes(value in prop::collection::vec(any::<u8>(), 0..100)) {
        prop_assert_eq!(signer().verify(&value), None);
    }
}
