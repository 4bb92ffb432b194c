//! Whatever headers a client sends, those that the gateway must set are its own, and all others reach the upstream
//! unchanged.
#![no_main]

use std::net::SocketAddr;

use arbitrary::Arbitrary;
use gateway_fuzz::body::{Reading, Script, read};
use gateway_fuzz::fields::{Field, HOP_BY_HOP, assert_others_pass, is_alias, is_clean_trailer, is_protected};
use gateway_fuzz::fields::{map, members, values};
use gateway_fuzz::now;
use gateway_fuzz::upstream::{exchange, no_content};
use http::{HeaderMap, HeaderValue, Method, Request, Version};
use http_body::Body;
use libfuzzer_sys::fuzz_target;
use proxy_service::{ForwardedHeaders, HostPolicy, Peer, ProxyLayer, Side, Target, TrustedPeers};

const TARGET: &str = "upstream.example:9001";

#[derive(Arbitrary, Debug)]
struct Input {
    verb: Verb,
    protocol: Protocol,
    /// `None` for a request over HTTP/2 that has its host in the target.
    host: Option<HostField>,
    fields: Vec<Field>,
    body: Script,
    peer: Option<SocketAddr>,
    is_trusted: bool,
    keeps_host: bool,
    says_forwarded: bool,
    can_upgrade: bool,
}

#[derive(Arbitrary, Debug)]
enum Verb {
    Get,
    Head,
    Post,
    Delete,
    Trace,
    Odd,
}

#[derive(Arbitrary, Debug)]
enum Protocol {
    Http10,
    Http11,
    Http2,
}

#[derive(Arbitrary, Debug)]
enum HostField {
    Valid,
    Any(Field),
}

impl Input {
    fn method(&self) -> Method {
        match self.verb {
            Verb::Get => Method::GET,
            Verb::Head => Method::HEAD,
            Verb::Post => Method::POST,
            Verb::Delete => Method::DELETE,
            Verb::Trace => Method::TRACE,
            Verb::Odd => Method::from_bytes(b"BREW").expect("a token"),
        }
    }

    fn version(&self) -> Version {
        match self.protocol {
            Protocol::Http10 => Version::HTTP_10,
            Protocol::Http11 => Version::HTTP_11,
            Protocol::Http2 => Version::HTTP_2,
        }
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = map(&self.fields);
        match &self.host {
            None => {}
            Some(HostField::Valid) => {
                drop(headers.insert("host", HeaderValue::from_static("client.example")))
            }
            Some(HostField::Any(field)) => drop(headers.append("host", field.value.clone())),
        }
        headers
    }

    fn layer(&self) -> ProxyLayer {
        let target: Target = format!("http://{TARGET}/base").parse().expect("a target");
        let is_trusted = self.is_trusted;
        let mut layer = ProxyLayer::new(target).trusted_peers(TrustedPeers::new(move |_| is_trusted));
        if self.keeps_host {
            layer = layer.host(HostPolicy::Preserve);
        }
        if self.says_forwarded { layer.forwarded_headers(ForwardedHeaders::Both) } else { layer }
    }

    fn request(&self) -> Request<gateway_fuzz::body::Scripted> {
        let mut request = Request::new(self.body.body());
        *request.method_mut() = self.method();
        *request.version_mut() = self.version();
        *request.headers_mut() = self.headers();
        *request.uri_mut() = http::Uri::from_static(match self.protocol {
            Protocol::Http2 => "http://client.example/x?y",
            Protocol::Http10 | Protocol::Http11 => "/x?y",
        });
        if let Some(peer) = self.peer {
            request.extensions_mut().insert(Peer::new(peer));
        }
        if self.can_upgrade {
            request.extensions_mut().insert(hyper::upgrade::on(Request::new(())));
        }
        request
    }

    fn trusts_its_peer(&self) -> bool {
        // Nobody has the unspecified address: it stands for a peer that has none.
        self.is_trusted && self.peer.is_some_and(|peer| !peer.ip().is_unspecified())
    }

    fn upgrades_to(&self, sent: &HeaderMap) -> Option<Vec<u8>> {
        let asks = self.can_upgrade
            && self.version() == Version::HTTP_11
            && self.method() == Method::GET
            && members(sent, "connection").iter().any(|member| member == "upgrade");
        let token = values(sent, "upgrade");
        (asks && token.len() == 1 && token[0].eq_ignore_ascii_case(b"websocket")).then(|| token[0].clone())
    }
}

fuzz_target!(|input: Input| {
    let sent = input.headers();
    let exchange = exchange(&input.layer(), input.request(), no_content());
    let Some(seen) = exchange.seen else {
        let failed = exchange.outcome.expect_err("nothing was sent");
        let (status, side) = (failed.error().status().as_u16(), failed.error().kind().side());
        assert!(matches!(status, 400 | 405 | 417 | 501 | 508) && side == Side::Client, "{failed:?}");
        return;
    };
    let response = exchange.outcome.expect("what was sent is answered");
    assert_was_fit_to_send(&input, &sent);

    let got = seen.headers();
    assert_eq!((seen.method(), seen.version()), (&input.method(), Version::HTTP_11));
    assert_eq!(seen.uri(), "http://upstream.example:9001/base/x?y");
    assert_host(&input, &sent, got);
    assert_hop_by_hop(&input, &sent, got);
    assert_forwarded(&input, &sent, got);
    assert_framing(&input, got, seen.body());

    let mut via = values(&sent, "via");
    let added = values(got, "via").pop().expect("a Via");
    assert!(added.windows(8).any(|window| window == b" gateway"));
    via.push(added);
    assert_eq!(values(got, "via"), via, "Via is appended to");
    assert_eq!(values(got, "x-request-id"), values(&sent, "x-request-id"));

    let nominated = members(&sent, "connection");
    assert_others_pass(&sent, got, |name| {
        HOP_BY_HOP.contains(&name)
            || is_protected(name)
            || is_alias(name)
            || name == "x-real-ip"
            || name == "expect"
            || name == "cookie"
            || nominated.iter().any(|member| member == name)
    });

    if !nominated.iter().any(|member| member == "cookie") {
        assert_cookies(&input, &sent, got);
    }

    // Requests that wait for a `100 Continue` are tested elsewhere.
    if !sent.contains_key("expect") {
        assert_body(&input.body, now(read(seen.into_body())));
    }
    drop(response);
});

/// Asserts that a request that was sent isn't one that must be refused.
fn assert_was_fit_to_send(input: &Input, sent: &HeaderMap) {
    assert_ne!(input.method(), Method::TRACE);
    let hosts = values(sent, "host");
    assert!(hosts.len() == 1 || hosts.is_empty() && input.version() != Version::HTTP_11, "{hosts:?}");
    assert!(!hosts.iter().any(|host| host.iter().any(|byte| b"@,/ ?#\"\t".contains(byte))), "{hosts:?}");
    let (lengths, codings) = (values(sent, "content-length"), values(sent, "transfer-encoding"));
    assert!(lengths.len() + codings.len() <= 1, "{lengths:?} {codings:?}");
    assert!(lengths.iter().flatten().all(u8::is_ascii_digit));
    assert!(codings.iter().all(|coding| coding.trim_ascii().eq_ignore_ascii_case(b"chunked")));
    assert!(values(sent, "expect").iter().all(|expect| expect.eq_ignore_ascii_case(b"100-continue")));
}

/// Asserts that the lines into which HTTP/2 splits `Cookie` are joined again (RFC 9113 section 8.2.3).
fn assert_cookies(input: &Input, sent: &HeaderMap, got: &HeaderMap) {
    let mut cookies = values(sent, "cookie");
    if matches!(input.protocol, Protocol::Http2) && cookies.len() > 1 {
        cookies = vec![cookies.join(&b"; "[..])];
    }
    assert_eq!(values(got, "cookie"), cookies);
}

fn assert_host(input: &Input, sent: &HeaderMap, got: &HeaderMap) {
    let own = values(sent, "host");
    let expected = match (input.keeps_host, &input.protocol) {
        (true, _) if !own.is_empty() => own,
        (true, Protocol::Http2) => vec![b"client.example".to_vec()],
        _ => vec![TARGET.as_bytes().to_vec()],
    };
    assert_eq!(values(got, "host"), expected);
}

fn assert_hop_by_hop(input: &Input, sent: &HeaderMap, got: &HeaderMap) {
    for name in got.keys() {
        assert!(!is_alias(name.as_str()), "{name}");
    }
    let upgrade = input.upgrades_to(sent);
    let reads_trailers = members(sent, "te").iter().any(|member| member == "trailers");
    for name in HOP_BY_HOP {
        let expected = match name {
            "te" if reads_trailers => vec![b"trailers".to_vec()],
            "connection" => match (&upgrade, reads_trailers) {
                (Some(_), true) => vec![b"upgrade, te".to_vec()],
                (Some(_), false) => vec![b"upgrade".to_vec()],
                (None, true) => vec![b"te".to_vec()],
                (None, false) => Vec::new(),
            },
            "upgrade" => upgrade.iter().cloned().collect(),
            "transfer-encoding" => continue,
            _ => Vec::new(),
        };
        assert_eq!(values(got, name), expected, "{name}");
    }
    let nominated = members(sent, "connection");
    for name in nominated.iter().filter(|name| !is_protected(name) && !HOP_BY_HOP.contains(&name.as_str())) {
        assert!(!got.contains_key(name), "{name} was for this hop");
    }
}

fn assert_forwarded(input: &Input, sent: &HeaderMap, got: &HeaderMap) {
    let ip = input.peer.map(|peer| peer.ip().to_canonical().to_string().into_bytes());
    let mut hops = if input.trusts_its_peer() { values(sent, "x-forwarded-for") } else { Vec::new() };
    hops.extend(ip);
    let expected = if hops.is_empty() { Vec::new() } else { vec![hops.join(&b", "[..])] };
    assert_eq!(values(got, "x-forwarded-for"), expected);

    let forwarded = values(got, "forwarded");
    if input.says_forwarded && input.peer.is_some() {
        assert_eq!(forwarded.len(), 1);
        let last = last_element(&forwarded[0]);
        assert!(last.starts_with(b"for=") && last.iter().filter(|byte| **byte == b'"').count() % 2 == 0, "{last:?}");
        let own = input.peer.map(|peer| peer.ip().to_canonical().to_string().into_bytes()).unwrap_or_default();
        assert!(last.windows(own.len()).any(|window| window == own), "{last:?}");
    } else if !input.trusts_its_peer() {
        assert!(forwarded.is_empty(), "{forwarded:?}");
    }
    if !input.trusts_its_peer() {
        let own = ["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"];
        assert!(!got.contains_key("x-real-ip"));
        for name in got.keys().map(|name| name.as_str()).filter(|name| name.starts_with("x-forwarded-")) {
            assert!(own.contains(&name) && values(got, name).len() == 1, "{name}");
        }
        let host = got.get("x-forwarded-host");
        assert!(host.is_none_or(|host| sent.get("host").is_none_or(|sent| sent == host)));
        assert!(got.get("x-forwarded-proto").is_none_or(|proto| proto == "http"));
    }
}

/// What stands behind the last comma that isn't in quotes (RFC 7239 section 4).
fn last_element(forwarded: &[u8]) -> &[u8] {
    let (mut begin, mut is_quoted) = (0, false);
    for (at, byte) in forwarded.iter().enumerate() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b',' if !is_quoted => begin = at + 1,
            _ => {}
        }
    }
    forwarded[begin..].trim_ascii()
}

fn assert_framing(input: &Input, got: &HeaderMap, body: &impl Body) {
    let (lengths, codings) = (values(got, "content-length"), values(got, "transfer-encoding"));
    match (&input.body, body.size_hint().exact()) {
        (Script::Empty, _) => {
            assert!(
                codings.is_empty() && (lengths.is_empty() || lengths == [b"0"]),
                "{lengths:?} {codings:?}"
            );
        }
        // With a `Content-Length`, the announced trailers couldn't be sent.
        (_, Some(exact)) if !got.contains_key("trailer") => {
            assert!(
                codings.is_empty() && lengths == [exact.to_string().into_bytes()],
                "{lengths:?} {codings:?}"
            );
        }
        _ => assert!(codings == [b"chunked"] && lengths.is_empty(), "{lengths:?} {codings:?}"),
    }
}

fn assert_body(script: &Script, reading: Reading) {
    assert_eq!(reading.broke, script.total().is_none());
    assert!(reading.broke || Some(reading.data) == script.total());
    assert_eq!(reading.trailers.is_some(), script.has_trailers());
    for name in reading.trailers.iter().flat_map(HeaderMap::keys) {
        assert!(is_clean_trailer(name.as_str()), "{name} in a trailer");
    }
}
