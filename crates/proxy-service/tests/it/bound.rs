//! Connections on which a client has authenticated, or was asked to: they belong to that client, and end with its
//! connection.

use std::num::NonZeroU32;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, PROXY_AUTHORIZATION, WWW_AUTHENTICATE};
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use proxy_service::{
    CatchErrorLayer, Client, ClientBuilder, ClientConnection, ConnectionCounts, Peer, Protocols, ProxyService,
};
use tower::{ServiceBuilder, ServiceExt};

use crate::support::authenticating::Upstream;

type Proxy = ProxyService<Client<Full<Bytes>>>;
type Ask = http::request::Builder;

fn proxy(client: ClientBuilder, target: &str) -> Proxy {
    ProxyService::new(target.parse().unwrap(), client.build())
}

/// A client with a connection of its own, or one for which no connection is known.
struct Visitor {
    name: &'static str,
    peer: Option<Peer>,
}

struct Answer {
    status: StatusCode,
    challenge: Option<String>,
    text: String,
}

impl Visitor {
    fn new(name: &'static str) -> Self {
        let addr = "127.0.0.1:4711".parse().unwrap();
        Self { name, peer: Some(Peer::new(addr).over(ClientConnection::new())) }
    }

    fn unknown(name: &'static str) -> Self {
        Self { name, peer: None }
    }

    async fn send(&self, proxy: &Proxy, ask: Ask) -> Answer {
        let mut request =
            ask.header("host", "test").header("x-client", self.name).body(Full::default()).unwrap();
        if let Some(peer) = &self.peer {
            request.extensions_mut().insert(peer.clone());
        }
        let caught = ServiceBuilder::new().layer(CatchErrorLayer::new()).service(proxy.clone());
        let answered = tokio::time::timeout(Duration::from_secs(20), caught.oneshot(request));
        let (head, body) = answered.await.unwrap().unwrap().into_parts();
        let challenge = head.headers.get(WWW_AUTHENTICATE).map(|line| line.to_str().unwrap().to_owned());
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().into()).unwrap();
        Answer { status: head.status, challenge, text }
    }

    async fn get(&self, proxy: &Proxy, path: &str) -> String {
        self.send(proxy, Request::get(path)).await.text
    }

    /// The first step; returns what the last one has to send.
    async fn hello(&self, proxy: &Proxy, scheme: &str) -> String {
        let hello = Request::get("/").header(AUTHORIZATION, format!("{scheme} hello:{}", self.name));
        let answer = self.send(proxy, hello).await;
        assert_eq!(answer.status, 401);
        answer.challenge.unwrap().split_once("challenge:").unwrap().1.to_owned()
    }

    async fn answer(&self, proxy: &Proxy, scheme: &str, challenge: &str) -> String {
        let answer = format!("{scheme} answer:{challenge}:{}", self.name);
        self.send(proxy, Request::get("/").header(AUTHORIZATION, answer)).await.text
    }
}

async fn until(proxy: &Proxy, wanted: impl Fn(ConnectionCounts) -> bool) {
    let counted = async {
        while !wanted(proxy.connections()) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(20), counted).await;
    in_time.unwrap_or_else(|_| panic!("{:?}", proxy.connections()));
}

#[tokio::test]
async fn a_handshake_arrives_on_one_connection_which_is_nobody_elses() {
    let mut upstream = Upstream::new().await;
    let proxy = proxy(ClientBuilder::new(), &upstream.target());
    let visitors = ["alice", "bob", "carol"].map(Visitor::new);
    for visitor in &visitors {
        assert!(visitor.get(&proxy, "/").await.starts_with("nobody on "));
    }
    let mut challenges = Vec::new();
    for visitor in &visitors {
        challenges.push(visitor.hello(&proxy, "NTLM").await);
    }
    for (visitor, challenge) in visitors.iter().zip(&challenges) {
        assert_eq!(
            visitor.answer(&proxy, "NTLM", challenge).await,
            format!("{} on {challenge}", visitor.name)
        );
    }
    for _ in 0..3 {
        for (visitor, challenge) in visitors.iter().zip(&challenges) {
            assert_eq!(visitor.get(&proxy, "/").await, format!("{} on {challenge}", visitor.name));
        }
    }
    let counts = proxy.connections();
    assert_eq!((counts.open, counts.idle, counts.created, counts.reused), (3, 3, 3, 15));
    for seen in upstream.seen() {
        assert_eq!(seen.field("x-client"), Some(visitors[seen.connection].name));
    }

    let [alice, ..] = visitors;
    drop(alice);
    upstream.until_closed(0).await;
    until(&proxy, |counts| (counts.open, counts.idle) == (2, 2)).await;
    let stranger = Visitor::new("stranger");
    assert_eq!(stranger.get(&proxy, "/open").await, "nobody on 3");
}

#[tokio::test]
async fn the_question_alone_binds() {
    for (challenges, binds) in [
        (&["NTLM"][..], true),
        (&["negotiate"], true),
        (&["Nego2"], true),
        (&["Basic realm=\"a, b\", NTLM"], true),
        (&["Bearer", "Basic realm=\"a\",NTLM"], true),
        (&["Basic realm=\"NTLM\""], false),
        (&["Bearer", "Digest realm=\"a\", nonce=\"b\""], false),
        (&["NTLMish"], false),
    ] {
        let upstream = Upstream::challenging(challenges).await;
        let proxy = proxy(ClientBuilder::new(), &upstream.target());
        let (alice, bob) = (Visitor::new("alice"), Visitor::new("bob"));
        assert_eq!(alice.get(&proxy, "/").await, "nobody on 0");
        let other = if binds { "nobody on 1" } else { "nobody on 0" };
        assert_eq!(bob.get(&proxy, "/open").await, other, "{challenges:?}");
        assert_eq!(alice.get(&proxy, "/open").await, "nobody on 0", "{challenges:?}");
    }
}

#[tokio::test]
async fn credentials_bind_whatever_they_are_answered_with() {
    for (name, credentials, binds) in [
        (AUTHORIZATION, "ntlm x", true),
        (AUTHORIZATION, "Negotiate x", true),
        (AUTHORIZATION, "NEGOEXTS x", true),
        (PROXY_AUTHORIZATION, "NTLM x", true),
        (AUTHORIZATION, "Basic bnRsbTpudGxt", false),
        (AUTHORIZATION, "Bearer NTLM", false),
    ] {
        let upstream = Upstream::new().await;
        let proxy = proxy(ClientBuilder::new(), &upstream.target());
        let (alice, bob) = (Visitor::new("alice"), Visitor::new("bob"));
        assert_eq!(bob.get(&proxy, "/open").await, "nobody on 0");
        let shown = alice.send(&proxy, Request::get("/open").header(&name, credentials)).await;
        assert_eq!(shown.text, if binds { "nobody on 1" } else { "nobody on 0" }, "{name}: {credentials}");
        assert_eq!(bob.get(&proxy, "/open").await, "nobody on 0", "{name}: {credentials}");
        assert_eq!(alice.get(&proxy, "/open").await, shown.text, "{name}: {credentials}");
    }
}

/// It is not known what else comes over the client's connection, so nothing else is sent on the upstream's.
#[tokio::test]
async fn without_the_clients_connection_nothing_is_kept() {
    let mut upstream = Upstream::new().await;
    let proxy = proxy(ClientBuilder::new(), &upstream.target());
    let alice = Visitor::unknown("alice");
    assert_eq!(alice.get(&proxy, "/open").await, "nobody on 0");
    assert_eq!(alice.hello(&proxy, "NTLM").await, "1");
    upstream.until_closed(1).await;
    assert_eq!(alice.answer(&proxy, "NTLM", "1").await, "nobody on 2");
    upstream.until_closed(2).await;
    assert_eq!(
        alice.get(&proxy, "/").await,
        "nobody on 0",
        "asked who it is, on a connection that was open to all"
    );
    upstream.until_closed(0).await;
    until(&proxy, |counts| (counts.open, counts.idle) == (0, 0)).await;
}

/// Each has to leave its only place to the next, but not in the middle of a handshake.
#[tokio::test]
async fn an_idle_one_makes_room_for_who_waits() {
    let mut upstream = Upstream::new().await;
    let client = ClientBuilder::new()
        .max_connections(NonZeroU32::MIN)
        .queue(10, Duration::from_secs(10))
        .idle_timeout(Duration::from_secs(600));
    let proxy = proxy(client, &upstream.target());
    let (alice, bob) = (Visitor::new("alice"), Visitor::new("bob"));
    let challenge = alice.hello(&proxy, "NTLM").await;
    let (alices, bobs) = tokio::join!(alice.answer(&proxy, "NTLM", &challenge), bob.hello(&proxy, "NTLM"));
    assert_eq!((alices.as_str(), bobs.as_str()), ("alice on 0", "1"));
    upstream.until_closed(0).await;
    assert_eq!(bob.answer(&proxy, "NTLM", &bobs).await, "bob on 1");
    let counts = proxy.connections();
    assert_eq!((counts.open, counts.idle, counts.waiting, counts.created), (1, 1, 0, 2));
    assert_eq!(alice.get(&proxy, "/").await, "nobody on 2");
    assert_eq!(proxy.connections().open, 1);
}

#[tokio::test(start_paused = true)]
async fn an_idle_one_closes_in_time() {
    let mut upstream = Upstream::new().await;
    let proxy = proxy(ClientBuilder::new().idle_timeout(Duration::from_secs(8)), &upstream.target());
    let alice = Visitor::new("alice");
    let challenge = alice.hello(&proxy, "NTLM").await;
    assert_eq!(alice.answer(&proxy, "NTLM", &challenge).await, "alice on 0");
    tokio::time::sleep(Duration::from_secs(7)).await;
    assert_eq!(alice.get(&proxy, "/").await, "alice on 0");
    upstream.until_closed(0).await;
    until(&proxy, |counts| (counts.open, counts.idle) == (0, 0)).await;
    assert_eq!(alice.get(&proxy, "/").await, "nobody on 1");
}

#[tokio::test]
async fn it_is_closed_with_the_service() {
    let mut upstream = Upstream::new().await;
    let proxy = proxy(ClientBuilder::new(), &upstream.target());
    let alice = Visitor::new("alice");
    alice.hello(&proxy, "NTLM").await;
    drop(proxy);
    upstream.until_closed(0).await;
}

/// The limit on uses is applied at the next answer that is not part of a handshake.
#[tokio::test]
async fn one_that_has_served_its_time_ends_with_the_handshake() {
    let mut upstream = Upstream::new().await;
    let proxy = proxy(ClientBuilder::new().max_uses(NonZeroU32::MIN), &upstream.target());
    let alice = Visitor::new("alice");
    let challenge = alice.hello(&proxy, "NTLM").await;
    assert_eq!(alice.answer(&proxy, "NTLM", &challenge).await, "alice on 0");
    upstream.until_closed(0).await;
}

/// Of the connections to nine endpoints the one that was used first is closed.
#[tokio::test]
async fn a_client_has_connections_of_its_own_to_eight_endpoints() {
    let alice = Visitor::new("alice");
    let mut upstreams = Vec::new();
    for _ in 0..9 {
        let upstream = Upstream::new().await;
        let proxy = proxy(ClientBuilder::new(), &upstream.target());
        assert_eq!(alice.hello(&proxy, "NTLM").await, "0");
        upstreams.push((upstream, proxy));
    }
    let connection = alice.peer.as_ref().unwrap().connection().unwrap();
    let bound_to: Vec<_> = connection.bound_to().iter().map(ToString::to_string).collect();
    let expected: Vec<_> = upstreams[1..].iter().rev().map(|(_, proxy)| proxy.target().to_string()).collect();
    assert_eq!(bound_to, expected);
    let (first, proxy) = &mut upstreams[0];
    first.until_closed(0).await;
    until(proxy, |counts| counts.open == 0).await;
    for (_, proxy) in &upstreams[1..] {
        assert_eq!(alice.answer(proxy, "NTLM", "0").await, "alice on 0");
    }
}

#[tokio::test]
async fn what_speaks_http2_alone_takes_no_such_credentials() {
    let upstream = Upstream::new().await;
    let proxy = proxy(ClientBuilder::new().protocols(Protocols::Http2), &upstream.target());
    let request = Request::get("/").header(AUTHORIZATION, "NTLM hello:alice");
    let answer = Visitor::new("alice").send(&proxy, request).await;
    assert_eq!(answer.status, 502);
    assert!(upstream.seen().is_empty());
}
