//! `forwarded`: `Forwarded` (RFC 7239) beside `X-Forwarded-*` or instead.

use crate::support::recorder::Script;
use crate::support::relay::{API, Relay};

const OURS: &str = "for=127.0.0.1;host=\"test\";proto=http";

#[tokio::test]
async fn beside_the_others_or_instead() {
    for (key, says_old, says_new) in [
        ("", true, false),
        ("forwarded = \"x-forwarded\"", true, false),
        ("forwarded = \"both\"", true, true),
        ("forwarded = \"rfc7239\"", false, true),
    ] {
        let relay = Relay::start(key, API, |_| Script::ok("")).await;
        let lines =
            ["Forwarded: for=6.6.6.6;host=evil", "X-Forwarded-For: 6.6.6.6", "X-Forwarded-Host: evil"];
        let exchange = relay.get_with(&lines).await;
        let seen = &exchange.seen().headers;
        assert_eq!(seen.one("forwarded"), says_new.then_some(OURS), "{key}");
        assert_eq!(seen.one("x-forwarded-for"), says_old.then_some("127.0.0.1"), "{key}");
        assert_eq!(seen.one("x-forwarded-host"), says_old.then_some("test"), "{key}");
        assert_eq!(seen.has("x-forwarded-proto"), says_old, "{key}");
        assert_eq!(seen.one("x-forwarded-prefix"), Some("/api"), "{key}");
    }
}

#[tokio::test]
async fn no_quote_of_a_trusted_proxy_reaches_into_ours() {
    let head = "forwarded = \"rfc7239\"\ntrusted_proxies = [\"127.0.0.1\"]";
    let relay = Relay::start(head, API, |_| Script::ok("")).await;
    for (told, kept) in [
        ("Forwarded: for=192.0.2.1;by=\"_a, b\"", "for=192.0.2.1;by=\"_a, b\", "),
        ("Forwarded: for=\"", ""),
        ("Forwarded: for=\"\\\"", ""),
        ("X-Forwarded-For: 192.0.2.1, 2001:db8::1", "for=192.0.2.1, for=\"[2001:db8::1]\", "),
        ("X-Forwarded-For: \"192.0.2.1", "for=192.0.2.1, "),
    ] {
        let exchange = relay.get_with(&[told]).await;
        assert_eq!(exchange.seen().headers.one("forwarded"), Some(&*format!("{kept}{OURS}")), "{told}");
        assert!(!exchange.seen().headers.has("x-forwarded-for"));
    }
}
