use std::net::SocketAddr;

use http::Request;
use http::request::Parts;
use proptest::prelude::*;

use super::*;
use crate::headers::hop_by_hop::remove_where;
use crate::headers::owned;

fn run(peer: &str, sent: &[(&str, &str)], forwarding: &Forwarding) -> Vec<String> {
    let peer = Peer::new(SocketAddr::new(peer.parse().unwrap(), 4711));
    let mut request = Request::builder().extension(peer);
    for (name, value) in sent {
        request = request.header(*name, *value);
    }
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let host = HeaderValue::from_static("shop.example:80");
    let headers = rewritten(&parts, Some(HeaderValue::from_static("/api")), Some(&host), forwarding);
    let mut lines: Vec<_> =
        headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
    lines.sort();
    lines
}

fn rewritten(
    parts: &Parts,
    prefix: Option<HeaderValue>,
    host: Option<&HeaderValue>,
    forwarding: &Forwarding,
) -> HeaderMap {
    let mut headers = parts.headers.clone();
    let peer = parts.extensions.get();
    if forwarding.claims_of(peer) == Claims::Dropped {
        remove_where(&mut headers, owned::is_claim);
    }
    rewrite(&mut headers, peer, prefix, host, (forwarding.claims_of(peer), forwarding.headers));
    headers
}

const SPOOFED: &[(&str, &str)] = &[
    ("x-forwarded-for", "6.6.6.6"),
    ("x-forwarded-for", "7.7.7.7"),
    ("x-forwarded-host", "evil"),
    ("x-forwarded-proto", "https"),
    ("x-forwarded-prefix", "/evil"),
    ("x-forwarded-port", "1"),
    ("x-real-ip", "6.6.6.6"),
    ("forwarded", "for=6.6.6.6"),
];

fn trusting(trusted: &'static str) -> Forwarding {
    let trusted: IpAddr = trusted.parse().unwrap();
    Forwarding { trusted: TrustedPeers::new(move |ip| ip == trusted), ..Forwarding::default() }
}

#[test]
fn by_default_only_we_say_who_the_client_is() {
    for forwarding in [Forwarding::default(), trusting("10.0.0.1")] {
        assert_eq!(
            run("192.0.2.7", SPOOFED, &forwarding),
            [
                "x-forwarded-for: 192.0.2.7",
                "x-forwarded-host: shop.example:80",
                "x-forwarded-prefix: /api",
                "x-forwarded-proto: http"
            ]
        );
    }
}

#[test]
fn a_trusted_peer_is_added_to() {
    assert_eq!(
        run("10.0.0.1", SPOOFED, &trusting("10.0.0.1")),
        [
            "forwarded: for=6.6.6.6",
            "x-forwarded-for: 6.6.6.6, 7.7.7.7, 10.0.0.1",
            "x-forwarded-host: evil",
            "x-forwarded-port: 1",
            "x-forwarded-prefix: /evil/api",
            "x-forwarded-proto: https",
            "x-real-ip: 6.6.6.6"
        ]
    );
}

#[test]
fn ipv6_has_brackets_only_where_they_belong() {
    let forwarding = Forwarding { headers: ForwardedHeaders::Both, ..Forwarding::default() };
    assert_eq!(
        run("2001:db8::1", &[], &forwarding)[..2],
        [
            "forwarded: for=\"[2001:db8::1]\";host=\"shop.example:80\";proto=http",
            "x-forwarded-for: 2001:db8::1"
        ]
    );
    assert_eq!(run("::ffff:192.0.2.7", &[], &Forwarding::default())[0], "x-forwarded-for: 192.0.2.7");
}

fn rfc7239(sent: &[(&str, &str)]) -> Vec<String> {
    run("10.0.0.1", sent, &Forwarding { headers: ForwardedHeaders::Rfc7239, ..trusting("10.0.0.1") })
}

const OWN: &str = "for=10.0.0.1;host=\"shop.example:80\";proto=http";

#[test]
fn instead_of_the_others_it_has_what_they_have() {
    let untrusted = Forwarding { headers: ForwardedHeaders::Rfc7239, ..Forwarding::default() };
    assert_eq!(
        run("192.0.2.7", SPOOFED, &untrusted),
        ["forwarded: for=192.0.2.7;host=\"shop.example:80\";proto=http", "x-forwarded-prefix: /api"]
    );
    let told: &[(&str, &str)] = &[
        ("x-forwarded-for", "192.0.2.1, ::ffff:192.0.2.2,"),
        ("x-forwarded-for", "2001:db8::1, nobody"),
        ("x-forwarded-host", "outer.example"),
        ("x-forwarded-proto", "https"),
    ];
    let first = "for=192.0.2.1;host=\"outer.example\";proto=https";
    let converted = format!("{first}, for=192.0.2.2, for=\"[2001:db8::1]\", for=unknown, {OWN}");
    assert_eq!(rfc7239(told), [format!("forwarded: {converted}"), "x-forwarded-prefix: /api".to_owned()]);
    let both = Forwarding { headers: ForwardedHeaders::Both, ..trusting("10.0.0.1") };
    let both = run("10.0.0.1", told, &both);
    assert_eq!(both[0], format!("forwarded: {converted}"));
    assert_eq!(both[1], "x-forwarded-for: 192.0.2.1, ::ffff:192.0.2.2,, 2001:db8::1, nobody, 10.0.0.1");
    assert_eq!(both.len(), 5);
}

#[test]
fn no_quote_of_others_reaches_into_ours() {
    for (told, kept) in [
        (&["for=192.0.2.1"][..], "for=192.0.2.1, "),
        (&["for=\"[2001:db8::1]\";by=_x", "for=\"a,b\""], "for=\"[2001:db8::1]\";by=_x, for=\"a,b\", "),
        (&["for=\""], ""),
        (&["for=\"a", "b\""], ""),
        (&["for=\"a\\\""], ""),
        (&["for=\"a\\\"b\""], ""),
    ] {
        let told: Vec<_> = told.iter().map(|line| ("forwarded", *line)).collect();
        assert_eq!(rfc7239(&told)[0], format!("forwarded: {kept}{OWN}"), "{told:?}");
    }
    for host in ["a\"b", "a, for=6.6.6.6", "a;b", ""] {
        let told = [("x-forwarded-for", "192.0.2.1"), ("x-forwarded-host", host)];
        assert_eq!(rfc7239(&told)[0], format!("forwarded: for=192.0.2.1, {OWN}"), "{host}");
    }
}

#[test]
fn without_a_peer_nothing_is_claimed() {
    let (parts, ()) = Request::builder().header("x-forwarded-for", "6.6.6.6").body(()).unwrap().into_parts();
    assert!(rewritten(&parts, None, None, &Forwarding::default()).is_empty());
    let rfc7239 = Forwarding { headers: ForwardedHeaders::Rfc7239, ..Forwarding::default() };
    assert!(rewritten(&parts, None, None, &rfc7239).is_empty());
}

fn client_ip(peer: &str, lines: &[&str]) -> String {
    let trusted = TrustedPeers::new(|ip| matches!(ip, IpAddr::V4(ip) if ip.octets()[0] == 10));
    let headers = lines.iter().map(|line| (X_FORWARDED_FOR.clone(), line.parse().unwrap())).collect();
    trusted.client_ip(peer.parse().unwrap(), &headers).to_string()
}

#[test]
fn the_client_is_the_right_most_untrusted() {
    for (peer, lines, expected) in [
        ("192.0.2.1", &["6.6.6.6"][..], "192.0.2.1"),
        ("10.0.0.1", &[], "10.0.0.1"),
        ("10.0.0.1", &["192.0.2.1"], "192.0.2.1"),
        ("10.0.0.1", &["6.6.6.6, 192.0.2.1"], "192.0.2.1"),
        ("10.0.0.1", &["6.6.6.6, 192.0.2.1, 10.0.0.2"], "192.0.2.1"),
        ("10.0.0.1", &["6.6.6.6", "192.0.2.1, 10.0.0.2"], "192.0.2.1"),
        ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", &["6.6.6.6, unknown, 10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", &["6.6.6.6,"], "10.0.0.1"),
        ("10.0.0.1", &["\"[2001:db8::1]:4711\""], "2001:db8::1"),
        ("10.0.0.1", &["192.0.2.1:80"], "192.0.2.1"),
        ("::ffff:10.0.0.1", &["::ffff:192.0.2.1"], "192.0.2.1"),
    ] {
        assert_eq!(client_ip(peer, lines), expected, "{peer} {lines:?}");
    }
}

#[test]
fn a_very_long_chain_is_read_once() {
    let chain = vec!["10.0.0.2"; 10_000].join(", ");
    assert_eq!(client_ip("10.0.0.1", &["6.6.6.6", &chain]), "6.6.6.6");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]
    #[test]
    fn what_an_untrusted_client_prepends_never_counts(forged in "[ -~]{0,40}", client in any::<u32>(), hops in 0_u8..5) {
        let client = std::net::Ipv4Addr::from(client | 0x8000_0000);
        prop_assume!(client.octets()[0] != 10);
        let mut line = format!("{forged},{client}");
        for hop in 0..hops {
            line.push_str(&format!(", 10.0.1.{hop}"));
        }
        prop_assert_eq!(client_ip("10.0.0.1", &[&line]), client.to_string());
    }
}
