//! Affinity: clients that keep their cookies stay with their upstream. Over real sockets, with clients that handle
//! cookies as browsers do.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use crate::support::ask::{Answer, Client, GET, Protocol};
use crate::support::gateway::TestGateway;
use crate::support::recorder::{self, RecordingUpstream, Script};
use crate::support::unreachable::Refusing;

const KEYS: &str = "cookie = \"gw\", secret = \"0123456789abcdef\"";

/// Keeps cookies by name and sends all of them, each in a line of its own where the protocol is HTTP/2.
struct Browser {
    protocol: Protocol,
    jar: BTreeMap<String, String>,
}

impl Browser {
    fn new(protocol: Protocol) -> Self {
        Self { protocol, jar: BTreeMap::from([("a".to_owned(), "\"1\"".to_owned())]) }
    }

    /// Sends a request over a connection of its own.
    async fn get(&mut self, gateway: SocketAddr, path: &str) -> Answer {
        let mut client = Client::connect(self.protocol, gateway).await;
        self.get_over(&mut client, path).await
    }

    async fn get_over(&mut self, client: &mut Client, path: &str) -> Answer {
        let crumbs: Vec<String> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let lines = match self.protocol {
            Protocol::Http1 => vec![crumbs.join("; ")],
            Protocol::Http2 => crumbs,
        };
        let fields: Vec<(&str, &str)> = lines.iter().map(|line| ("cookie", line.as_str())).collect();
        let answer = client.ask_with(GET, path, &fields).await.unwrap();
        for line in answer.fields.all("set-cookie") {
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            self.jar.insert(name.to_owned(), value.to_owned());
        }
        answer
    }

    fn ours(&self) -> Option<&str> {
        self.jar.get("gw").map(String::as_str)
    }
}

/// An upstream that answers with its name and sets a cookie of its own.
async fn upstream(name: &'static str) -> RecordingUpstream {
    let answer = recorder::Answer::new(200).header("Set-Cookie", "theirs=1; Path=/x").body(name);
    RecordingUpstream::start(move |_| Script::answer(answer.clone())).await
}

/// `/api` over both upstreams, with this affinity.
fn sticky(keys: &str, one: SocketAddr, two: SocketAddr) -> TestGateway {
    sticky_pool("api", keys, [one, two])
}

fn sticky_pool(name: &str, keys: &str, [one, two]: [SocketAddr; 2]) -> TestGateway {
    TestGateway::start(&format!(
        "[pools.{name}]\nupstreams = [\"http://{one}\", \"http://{two}\"]\naffinity = {{ {keys} }}\n\
         [routes.\"/api\"]\npool = \"{name}\"\n"
    ))
}

#[tokio::test]
async fn browsers_are_spread_and_stay() {
    let (one, two) = (upstream("one").await, upstream("two").await);
    let gateway = sticky(KEYS, one.addr(), two.addr());
    for protocol in [Protocol::Http1, Protocol::Http2] {
        let mut met = Vec::new();
        for _ in 0..4 {
            let mut browser = Browser::new(protocol);
            let first = browser.get(gateway.addr, "/api/x").await;
            let home = first.text();
            let lines = first.fields.all("set-cookie");
            assert_eq!((first.status, lines.len(), lines[0]), (200, 2, "theirs=1; Path=/x"));
            assert_eq!(lines[1], format!("gw={}; Path=/; HttpOnly; SameSite=Lax", browser.ours().unwrap()));
            for _ in 0..5 {
                let mut client = Client::connect(protocol, gateway.addr).await;
                for _ in 0..20 {
                    let answer = browser.get_over(&mut client, "/api/x").await;
                    assert_eq!((answer.status, answer.text()), (200, home.clone()));
                    assert_eq!(answer.fields.all("set-cookie"), ["theirs=1; Path=/x"]);
                }
            }
            met.push(home);
        }
        assert_eq!(met, ["one", "two", "one", "two"], "{protocol:?}");
    }
}

#[tokio::test]
async fn the_upstream_is_sent_every_cookie_as_it_came() {
    let (one, two) = (upstream("one").await, upstream("two").await);
    let gateway = sticky(KEYS, one.addr(), two.addr());
    let mut browser = Browser::new(Protocol::Http1);
    browser.get(gateway.addr, "/api/x").await;
    let sent = format!("a=\"1\"; gw={}; theirs=1", browser.ours().unwrap());
    browser.get(gateway.addr, "/api/x").await;
    let seen = one.wait_for(2).await;
    assert_eq!(seen[0].headers.all("cookie"), ["a=\"1\""]);
    assert_eq!(seen[1].headers.all("cookie"), [sent.as_str()]);
}

#[tokio::test]
async fn they_move_once_when_their_upstream_dies() {
    let (mut one, two) = (upstream("one").await, upstream("two").await);
    let gateway = sticky(KEYS, one.addr(), two.addr());
    let mut browser = Browser::new(Protocol::Http1);
    assert_eq!(browser.get(gateway.addr, "/api/x").await.text(), "one");
    let before = browser.ours().unwrap().to_owned();
    one.kill().await;
    let moved = browser.get(gateway.addr, "/api/x").await;
    assert_eq!((moved.status, moved.text()), (200, "two".to_owned()));
    assert_ne!(browser.ours(), Some(before.as_str()));
    one.restart().await;
    for _ in 0..20 {
        let answer = browser.get(gateway.addr, "/api/x").await;
        assert_eq!((answer.text(), answer.fields.all("set-cookie").len()), ("two".to_owned(), 1));
    }
}

/// A gateway with the same secret, and with the upstreams in another order.
#[tokio::test]
async fn another_gateway_takes_its_cookies() {
    let (one, two) = (upstream("one").await, upstream("two").await);
    let here = sticky(KEYS, one.addr(), two.addr());
    let there = sticky(KEYS, two.addr(), one.addr());
    for _ in 0..4 {
        let mut browser = Browser::new(Protocol::Http1);
        let home = browser.get(here.addr, "/api/x").await.text();
        for gateway in [&there, &here, &there] {
            let answer = browser.get(gateway.addr, "/api/x").await;
            assert_eq!((answer.text(), answer.fields.all("set-cookie").len()), (home.clone(), 1));
        }
    }
}

/// Cookies of another pool, of a gateway with another secret or with none, and made-up ones.
#[tokio::test]
async fn foreign_cookies_are_replaced() {
    let (one, two) = (upstream("one").await, upstream("two").await);
    let gateway = sticky(KEYS, one.addr(), two.addr());
    let others = [
        ("other", KEYS),
        ("api", "cookie = \"gw\", secret = \"fedcba9876543210\""),
        ("api", "cookie = \"gw\""),
    ]
    .map(|(name, keys)| sticky_pool(name, keys, [one.addr(), two.addr()]));
    let mut foreign = vec!["0000000000000000.00000000000000000000000000000000".to_owned(), String::new()];
    for other in &others {
        let mut browser = Browser::new(Protocol::Http1);
        browser.get(other.addr, "/api/x").await;
        foreign.push(browser.ours().unwrap().to_owned());
    }
    for cookie in foreign {
        let mut met = BTreeSet::new();
        for _ in 0..2 {
            let mut browser = Browser::new(Protocol::Http1);
            browser.jar.insert("gw".to_owned(), cookie.clone());
            met.insert(browser.get(gateway.addr, "/api/x").await.text());
            assert_ne!(browser.ours(), Some(cookie.as_str()));
        }
        assert_eq!(met.len(), 2, "{cookie:?} had a say");
    }
}

#[tokio::test]
async fn attributes_are_those_of_the_file() {
    let (one, two) = (upstream("one").await, upstream("two").await);
    let keys = "cookie = \"__Host-gw\", max_age = \"90m\", secure = true, same_site = \"none\"";
    let gateway = sticky(keys, one.addr(), two.addr());
    let answer = Browser::new(Protocol::Http1).get(gateway.addr, "/api/x").await;
    let (pair, attributes) = answer.fields.all("set-cookie")[1].split_once("; ").unwrap();
    assert!(pair.starts_with("__Host-gw=") && pair.len() == "__Host-gw=".len() + 49, "{pair}");
    assert_eq!(attributes, "Path=/; HttpOnly; SameSite=None; Secure; Max-Age=5400");
}

#[tokio::test]
async fn an_answer_of_the_gateways_own_sets_none() {
    let (one, two) = (Refusing::new(), Refusing::new());
    let gateway = sticky(KEYS, one.addr, two.addr);
    let answer = Browser::new(Protocol::Http1).get(gateway.addr, "/api/x").await;
    answer.assert_own_error("GET", 502, "connection_refused", "both down");
}
