//! A request is refused, or goes to the target's authority, with the target's base path before the bytes of its own
//! path.
#![no_main]

use std::sync::Arc;

use arbitrary::Arbitrary;
use gateway_fuzz::body::Script;
use gateway_fuzz::upstream::{exchange, no_content};
use http::{Method, Request, Uri};
use libfuzzer_sys::fuzz_target;
use proxy_service::{ProxyLayer, RouteOptions, Side, Target};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    method: Verb,
    base: Base<'a>,
    names_its_authority: bool,
    leaves_nothing: bool,
    target: &'a [u8],
}

#[derive(Arbitrary, Debug)]
enum Verb {
    Get,
    Options,
    Connect,
    Trace,
}

#[derive(Arbitrary, Debug)]
enum Base<'a> {
    None,
    Short,
    Encoded,
    Any(&'a str),
}

fuzz_target!(|input: Input<'_>| {
    let base = match input.base {
        Base::None => "",
        Base::Short => "/v1",
        Base::Encoded => "/v%2F1/x;y",
        Base::Any(base) => base,
    };
    let Ok(target) = format!("http://upstream.example:9001{base}").parse::<Target>() else { return };
    let Ok(uri) = Uri::try_from(input.target) else { return };
    let host = match uri.authority() {
        Some(authority) if input.names_its_authority => authority.as_str(),
        _ => "client.example",
    };
    let method = match input.method {
        Verb::Get => Method::GET,
        Verb::Options => Method::OPTIONS,
        Verb::Connect => Method::CONNECT,
        Verb::Trace => Method::TRACE,
    };
    let mut request = Request::builder().method(&method).uri(uri.clone()).header("host", host);
    if input.leaves_nothing {
        request = request.extension(Arc::new(RouteOptions::new().nothing_left()));
    }
    let Ok(request) = request.body(Script::Empty.body()) else { return };

    let exchange = exchange(&ProxyLayer::new(target.clone()), request, no_content());
    let Some(seen) = exchange.seen else {
        let failed = exchange.outcome.expect_err("nothing was sent");
        let expected = if matches!(method, Method::CONNECT | Method::TRACE) { 405 } else { 400 };
        assert_eq!(
            (failed.error().status().as_u16(), failed.error().kind().side()),
            (expected, Side::Client)
        );
        return;
    };
    assert!(exchange.outcome.is_ok());
    assert!(matches!(method, Method::GET | Method::OPTIONS), "{method} was forwarded");
    assert!(
        uri.authority().is_none_or(|_| input.names_its_authority || host_is_same(&uri)),
        "another authority"
    );
    assert_eq!(seen.method(), method);
    assert_eq!(seen.uri().scheme(), Some(target.scheme()));
    assert_eq!(seen.uri().authority(), Some(target.authority()));
    let seen = seen.uri().path_and_query().expect("a path").as_str();
    let seen = seen.strip_prefix(target.base_path()).expect("the base path").as_bytes();
    let own = own_bytes(input.target);
    if input.leaves_nothing && uri.path() == "/" && !target.base_path().is_empty() {
        assert_eq!(seen, own.strip_prefix(b"/").unwrap_or(own), "a slash that nobody sent");
        return;
    }
    // Absolute-form may have no path; `Uri` shows it as a slash.
    assert!(seen == own || seen.strip_prefix(b"/").unwrap_or(seen) == own && !own.starts_with(b"/"));
});

fn host_is_same(uri: &Uri) -> bool {
    uri.host().is_some_and(|host| host.eq_ignore_ascii_case("client.example"))
}

/// The bytes of path and query as they were received, without a fragment.
fn own_bytes(target: &[u8]) -> &[u8] {
    let target = target.split(|byte| *byte == b'#').next().unwrap_or_default();
    if target.starts_with(b"/") {
        return target;
    }
    let scheme = target.windows(3).position(|window| window == b"://").map_or(0, |at| at + 3);
    let after = target.get(scheme..).unwrap_or_default();
    let authority = after.iter().position(|byte| b"/?".contains(byte)).unwrap_or(after.len());
    after.get(authority..).unwrap_or_default()
}
