//! Whatever a client claims in its headers, however it spells their names, and whatever it names in `Connection`: the
//! upstream is told by the gateway alone who the client is. Each property is checked over sockets with generated
//! requests.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::support::property;
use crate::support::recorder::{RecordedRequest, Script};
use crate::support::relay::{API, Relay};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

const CASES: u32 = 300;

/// Headers that a client may name in `Connection`, so that they are removed: the gateway's own, and some of the
/// client's.
const NOMINATED: &[&str] = &[
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-prefix",
    "x-real-ip",
    "forwarded",
    "via",
    "host",
    "content-length",
    "transfer-encoding",
    "authorization",
    "x-admin-token",
    "x-request-id",
    "x-custom",
    "cookie",
    "close",
    "keep-alive",
    "te",
];

/// The client's own headers, sent with every case.
const CLIENTS: &[(&str, &str)] =
    &[("authorization", "Bearer abc"), ("x-custom", "1"), ("cookie", "a=1"), ("accept", "*/*")];

const CLAIMS: &[&str] = &[
    "X-Forwarded-For: 6.6.6.6",
    "x-forwarded-for: 10.0.0.1, 6.6.6.6",
    "X-Forwarded-Host: evil",
    "X-FORWARDED-PROTO: https",
    "X-Forwarded-Prefix: /evil",
    "X-Forwarded-Port: 666",
    "X-Real-IP: 6.6.6.6",
    "Forwarded: for=6.6.6.6",
    "X-Original-URL: /admin",
    "x-rewrite-url: /admin",
    "Proxy: http://evil/",
    "Via: 1.0 fred",
];

#[derive(Clone, Debug)]
struct Nomination {
    /// `Connection` lines of tokens.
    lines: Vec<Vec<String>>,
    separator: &'static str,
    claims: Vec<&'static str>,
    id: Option<String>,
}

fn nomination() -> impl Strategy<Value = Nomination> {
    let any_case = (select(NOMINATED), any::<u64>()).prop_map(|(name, bits)| {
        let upper = |at: usize| bits >> (at % 64) & 1 == 1;
        name.char_indices().map(|(at, c)| if upper(at) { c.to_ascii_uppercase() } else { c }).collect()
    });
    let lines = prop::collection::vec(prop::collection::vec(any_case, 0..5), 0..4);
    let separator = select(&[",", ", ", " ,\t", ",,", " , , "][..]);
    let claims = subsequence(CLAIMS.to_vec(), 0..=CLAIMS.len()).prop_shuffle();
    let id = prop::option::of("[!-~]{1,128}");
    (lines, separator, claims, id).prop_map(|(lines, separator, claims, id)| Nomination {
        lines,
        separator,
        claims,
        id,
    })
}

impl Nomination {
    fn request(&self) -> String {
        let mut lines: Vec<String> = CLIENTS.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        lines.extend(self.lines.iter().map(|tokens| format!("Connection: {}", tokens.join(self.separator))));
        lines.extend(self.claims.iter().map(|claim| (*claim).to_owned()));
        lines.extend(self.id.iter().map(|id| format!("X-Request-Id: {id}")));
        let lines = lines.join("\r\n");
        format!("POST /api/x HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\n{lines}\r\n\r\nabc")
    }

    fn nominates(&self, name: &str) -> bool {
        self.lines.iter().flatten().any(|token| token.eq_ignore_ascii_case(name))
    }
}

/// A header of the gateway reaches the upstream even when the client names it in `Connection`.
async fn owned_headers_have_their_one_value(
    relay: &Relay,
    nomination: Nomination,
) -> Result<(), TestCaseError> {
    let exchange = relay.exchange(nomination.request()).await;
    prop_assert_eq!(exchange.response.status(), 200);
    let seen = exchange.seen();
    let owned: [(&str, &[&str]); 12] = [
        ("host", &[&relay.upstream.addr().to_string()]),
        ("x-forwarded-for", &["127.0.0.1"]),
        ("x-forwarded-host", &["test"]),
        ("x-forwarded-proto", &["http"]),
        ("x-forwarded-prefix", &["/api"]),
        ("x-forwarded-port", &[]),
        ("x-real-ip", &[]),
        ("forwarded", &[]),
        ("x-original-url", &[]),
        ("x-rewrite-url", &[]),
        ("proxy", &[]),
        ("content-length", &["3"]),
    ];
    for (name, expected) in owned {
        prop_assert_eq!(&seen.headers.all(name)[..], expected, "{}", name);
    }
    prop_assert_eq!(seen.body.text(), "abc");
    prop_assert!(!seen.headers.has("connection") && !seen.headers.has("transfer-encoding"));
    id_is_one_and_the_same(seen, &exchange.response, nomination.id.as_deref())?;
    via_is_appended(seen, nomination.claims.contains(&"Via: 1.0 fred"))?;
    for (name, value) in CLIENTS {
        let kept: &[&str] = if nomination.nominates(name) { &[] } else { &[value] };
        prop_assert_eq!(&seen.headers.all(name)[..], kept, "{}", name);
    }
    Ok(())
}

fn id_is_one_and_the_same(
    seen: &RecordedRequest,
    response: &crate::support::raw::Response,
    sent: Option<&str>,
) -> Result<(), TestCaseError> {
    let id = seen.headers.one("x-request-id").unwrap();
    prop_assert_eq!(response.header("x-request-id"), Some(id));
    match sent {
        Some(sent) => prop_assert_eq!(id, sent),
        None => prop_assert!(id.parse::<uuid::Uuid>().is_ok()),
    }
    Ok(())
}

fn via_is_appended(seen: &RecordedRequest, has_come_by_fred: bool) -> Result<(), TestCaseError> {
    let lines = seen.headers.all("via");
    let before: &[&str] = if has_come_by_fred { &["1.0 fred"] } else { &[] };
    let (own, others) = lines.split_last().unwrap();
    prop_assert!(own.starts_with("1.1 gateway ("), "{}", own);
    prop_assert_eq!(others, before);
    Ok(())
}

#[test]
fn t13_nothing_that_is_nominated_takes_an_owned_header_away() {
    let relay = Relay::plain(|_| Script::ok(""));
    property::holds(CASES, nomination(), relay, owned_headers_have_their_one_value);
}

/// Names that only the gateway may set, or that frame a message, in spellings that some backends treat as the same
/// name.
fn alias() -> impl Strategy<Value = String> {
    const NAMES: &[&str] = &[
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-forwarded-prefix",
        "x-forwarded-port",
        "x-forwarded-by-anything",
        "x-real-ip",
        "x-original-url",
        "x-rewrite-url",
        "x-request-id",
        "x-admin-token",
        "content-length",
        "transfer-encoding",
    ];
    let separators = prop::collection::vec(select(&['-', '_', '.'][..]), 4);
    (select(NAMES), separators, any::<u64>())
        .prop_map(|(name, separators, bits)| {
            let mut separators = separators.into_iter().cycle();
            let spell = |(at, c): (usize, char)| match c {
                '-' => separators.next().unwrap(),
                c if bits >> at & 1 == 1 => c.to_ascii_uppercase(),
                c => c,
            };
            name.char_indices().map(spell).collect::<String>()
        })
        .prop_filter("not an alias", |name| name.contains(['_', '.']))
}

fn folded(name: &str) -> String {
    name.replace(['_', '.'], "-").to_ascii_lowercase()
}

/// Spellings of a name: no two names that the upstream sees become the same name, and none becomes one that the client
/// sent in another spelling.
async fn no_alias_arrives(relay: &Relay, aliases: Vec<String>) -> Result<(), TestCaseError> {
    let lines: Vec<String> = aliases.iter().map(|name| format!("{name}: 6.6.6.6")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let exchange = relay.get_with(&lines).await;
    let seen = exchange.seen();
    let mut names = BTreeSet::new();
    for (name, value) in &seen.headers.0 {
        prop_assert_ne!(value, "6.6.6.6", "{}", name);
        prop_assert!(names.insert(folded(name)), "{} twice", name);
    }
    Ok(())
}

#[test]
fn t14_no_spelling_of_an_owned_header_arrives() {
    let aliases = prop::collection::vec(alias(), 1..6);
    property::holds(CASES, aliases, Relay::plain(|_| Script::ok("")), no_alias_arrives);
}

/// What `X-Forwarded-For` contains in practice: addresses in all notations, and things that are no address.
fn hop() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<[u8; 4]>().prop_map(|ip| IpAddr::from(ip).to_string()),
        any::<[u8; 3]>().prop_map(|ip| format!("10.{}.{}.{}", ip[0], ip[1], ip[2])),
        any::<u16>().prop_map(|port| format!("10.0.0.7:{port}")),
        any::<[u8; 16]>().prop_map(|ip| IpAddr::from(ip).to_string()),
        any::<[u8; 16]>().prop_map(|ip| format!("\"[{}]:443\"", IpAddr::from(ip))),
        Just("::ffff:10.0.0.7".to_owned()),
        Just("unknown".to_owned()),
        Just("_hidden".to_owned()),
        "[ -+.-~]{0,12}",
    ]
}

fn chain() -> impl Strategy<Value = Vec<Vec<String>>> {
    prop::collection::vec(prop::collection::vec(hop(), 0..6), 0..4)
}

fn lines_of(chain: &[Vec<String>]) -> Vec<String> {
    chain.iter().map(|hops| format!("X-Forwarded-For: {}", hops.join(", "))).collect()
}

/// The only trusted address is that of the connection.
async fn exactly_the_peer(relay: &Relay, chain: Vec<Vec<String>>) -> Result<(), TestCaseError> {
    let lines = lines_of(&chain);
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let exchange = relay.get_with(&lines).await;
    prop_assert_eq!(exchange.seen().headers.one("x-forwarded-for"), Some("127.0.0.1"));
    Ok(())
}

/// Behind a trusted peer: what the peer says is passed on unchanged, in one line, with the peer itself at the end.
async fn the_chain_and_the_peer(relay: &Relay, chain: Vec<Vec<String>>) -> Result<(), TestCaseError> {
    let lines = lines_of(&chain);
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let exchange = relay.get_with(&lines).await;
    let said = lines.iter().map(|line| line["X-Forwarded-For:".len()..].trim_matches([' ', '\t']));
    let expected: Vec<&str> = said.chain(["127.0.0.1"]).collect();
    let expected = expected.join(", ");
    prop_assert_eq!(exchange.seen().headers.one("x-forwarded-for"), Some(expected.trim_matches([' ', '\t'])));
    Ok(())
}

#[test]
fn t15_a_client_cannot_say_who_it_is() {
    property::holds(CASES, chain(), Relay::plain(|_| Script::ok("")), exactly_the_peer);
}

#[test]
fn t15_a_trusted_peers_chain_is_kept_to_the_letter() {
    let trusting = "trusted_proxies = [\"127.0.0.1/32\", \"10.0.0.0/8\"]";
    property::holds(CASES, chain(), Relay::start(trusting, API, |_| Script::ok("")), the_chain_and_the_peer);
}
