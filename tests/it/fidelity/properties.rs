//! For any target: either the upstream gets the base path and the same bytes, or the client gets 400.

use proptest::prelude::*;

use super::{expected, relay};
use crate::support::property;
use crate::support::relay::Relay;
use crate::support::syntax::latin1;

/// Bytes of a target: any except a line end, mostly bytes that have a meaning to some parser.
fn anything() -> impl Strategy<Value = Vec<u8>> {
    const MEANINGFUL: &[&str] = &[
        "/", "//", "/", "a", "b", "api", "static", ".", "..", ";", "?", "&", "=", "%2F", "%2f", "%5c", "%25",
        "%2e", "%252e", "%zz", "%", "%00", "%0a", "%09", "%7f", "%41", "#", "\\", "\"", "<", ":", "@", " ",
        "\u{e9}", "*",
    ];
    let meaningful = prop::sample::select(MEANINGFUL).prop_map(|text| text.as_bytes().to_vec());
    let graphic = (0x21..=0x7e_u8).prop_map(|byte| vec![byte]);
    let any_byte =
        any::<u8>().prop_filter("a line's end", |byte| !b"\r\n".contains(byte)).prop_map(|b| vec![b]);
    let pieces = prop_oneof![12 => meaningful, 3 => graphic, 1 => any_byte];
    let prefix = prop::sample::select(&["/api", "/api/", "/static", "/static/", "/"][..]);
    (prefix, prop::collection::vec(pieces, 0..10))
        .prop_map(|(prefix, pieces)| [prefix.as_bytes(), &pieces.concat()].concat())
}

/// Targets that must not be refused.
fn harmless() -> impl Strategy<Value = String> {
    "(/api|/static|)(/([a-zA-Z0-9_~;:@!$&'()*+,=-]|%2F|%20|%0[1-9A-Fa-f]|%1[0-9a-f]|%7[Ff]|%[89A-F][0-9A-F]){0,8}){1,4}(\\?[!$-;=?-~]{0,16})?"
}

fn request(target: &[u8]) -> Vec<u8> {
    [b"GET ", target, b" HTTP/1.1\r\nHost: test\r\n\r\n"].concat()
}

async fn base_and_the_same_bytes_or_400(relay: &Relay, target: Vec<u8>) -> Result<(), TestCaseError> {
    let exchange = relay.exchange(request(&target)).await;
    match &exchange.seen {
        Some(seen) => {
            prop_assert_eq!(
                without_what_uris_refuse(&seen.target),
                without_what_uris_refuse(&expected(&latin1(&target)))
            );
            prop_assert_eq!(exchange.response.status(), 200);
        }
        None => prop_assert_eq!(exchange.response.status(), 400),
    }
    Ok(())
}

/// The target with the bytes percent-encoded that the listener encodes where a URI type refuses them.
fn without_what_uris_refuse(target: &str) -> String {
    target.replace('"', "%22").replace('<', "%3C").replace('>', "%3E").replace('`', "%60")
}

async fn forwarded(relay: &Relay, target: String) -> Result<(), TestCaseError> {
    let exchange = relay.exchange(request(target.as_bytes())).await;
    prop_assert_eq!(exchange.response.status(), 200);
    prop_assert_eq!(&exchange.seen().target, &expected(&target));
    Ok(())
}

#[test]
fn never_a_third_thing() {
    property::holds(600, anything(), relay(), base_and_the_same_bytes_or_400);
}

#[test]
fn the_harmless_always_passes() {
    property::holds(300, harmless(), relay(), forwarded);
}
