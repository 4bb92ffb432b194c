use std::sync::Arc;

use http::header::SET_COOKIE;
use http::uri::PathAndQuery;
use http::{HeaderName, Request};
use proptest::prelude::*;

use super::*;
use crate::headers::forwarded::TrustedPeers;
use crate::headers::host::HostPolicy;
use crate::peer::Peer;
use crate::route::RouteOptions;

/// How a request came, and where it went.
#[derive(Clone, Default)]
struct Case {
    target: &'static str,
    prefix: &'static str,
    put_before: &'static str,
    name: Option<&'static str>,
    host: Option<&'static str>,
    told: &'static [(&'static str, &'static str)],
    which: References,
    has_no_peer: bool,
}

const CASE: Case = Case {
    target: "http://10.0.0.7:9001",
    prefix: "",
    put_before: "",
    name: None,
    host: Some("shop.example:8080"),
    told: &[],
    which: References::Target,
    has_no_peer: false,
};

fn mapped(case: &Case, header: &str, value: &str) -> String {
    let which = MapBack { redirects: case.which, cookies: case.which };
    let mut options = RouteOptions::new().map_back(which);
    if !case.prefix.is_empty() {
        options = options.prefix(case.prefix.parse().unwrap());
    }
    if !case.put_before.is_empty() {
        options = options.put_before(case.put_before.parse::<PathAndQuery>().unwrap());
    }
    if let Some(name) = case.name {
        options = options.host(HostPolicy::Name(name.parse().unwrap()));
    }
    let mut request = Request::builder().extension(Arc::new(options));
    if !case.has_no_peer {
        request = request.extension(Peer::new(([192, 0, 2, 1], 4711).into()).over_tls());
    }
    for (name, value) in case.host.iter().map(|host| ("host", *host)).chain(case.told.iter().copied()) {
        request = request.header(name, value);
    }
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let mut settings = Settings::new(case.target.parse().unwrap());
    if !case.told.is_empty() {
        settings.forwarding.trusted = TrustedPeers::new(|_| true);
    }
    let mut headers = HeaderMap::new();
    headers.insert("server", HeaderValue::from_static("a"));
    headers.insert(header.parse::<HeaderName>().unwrap(), value.parse().unwrap());
    map(&mut headers, &parts, &settings);
    assert_eq!((headers.len(), &headers["server"]), (2, &HeaderValue::from_static("a")));
    headers[header].to_str().unwrap().to_owned()
}

#[test]
fn the_target_becomes_what_the_client_asked_for() {
    let api = Case { prefix: "/api", ..CASE };
    let based = Case { target: "http://app/v1", prefix: "/api", ..CASE };
    for (case, given, expected) in [
        (&CASE, "http://10.0.0.7:9001/x?y#z", "https://shop.example:8080/x?y#z"),
        (&CASE, "HTTP://10.0.0.7:9001/x", "https://shop.example:8080/x"),
        (&CASE, "http://10.0.0.7:9001", "https://shop.example:8080/"),
        (&CASE, "http://10.0.0.7:9001?y", "https://shop.example:8080/?y"),
        (&CASE, "//10.0.0.7:9001/x", "//shop.example:8080/x"),
        (&CASE, "http://10.0.0.7:9001//x", "https://shop.example:8080//x"),
        (&api, "http://10.0.0.7:9001/x", "https://shop.example:8080/api/x"),
        (&api, "http://10.0.0.7:9001/", "https://shop.example:8080/api/"),
        (&api, "http://10.0.0.7:9001", "https://shop.example:8080/api"),
        (&api, "http://10.0.0.7:9001#z", "https://shop.example:8080/api#z"),
        (&based, "http://app/v1/x%2Fy", "https://shop.example:8080/api/x%2Fy"),
        (&based, "http://APP:80/v1", "https://shop.example:8080/api"),
        (&based, "http://app:/v1?q", "https://shop.example:8080/api?q"),
        (&based, "/v1/x", "/api/x"),
        (&based, "/v1", "/api"),
        (&based, "/v1?q", "/api?q"),
    ] {
        for header in ["location", "content-location"] {
            assert_eq!(mapped(case, header, given), expected, "{given}");
        }
    }
}

#[test]
fn what_names_something_else_stays() {
    let based = Case { target: "http://app/v1", prefix: "/api", ..CASE };
    let api = Case { prefix: "/api", ..CASE };
    let named = Case { host: Some("app.internal"), name: Some("app.internal"), ..CASE };
    for (case, given) in [
        (&CASE, "http://10.0.0.8:9001/x"),
        (&CASE, "http://10.0.0.7/x"),
        (&CASE, "https://10.0.0.7:9001/x"),
        (&CASE, "http://me@10.0.0.7:9001/x"),
        (&CASE, "http://10.0.0.7:9001.evil.example/x"),
        (&CASE, "http://10.0.0.7:9001\\x"),
        (&CASE, "mailto:10.0.0.7:9001"),
        (&CASE, "x?u=http://10.0.0.7:9001/x"),
        (&CASE, "x"),
        (&CASE, "?x"),
        (&CASE, "/x"),
        (&api, "/x"),
        (&api, "/api/x"),
        (&based, "/x"),
        (&based, "/v1x"),
        (&based, "/v12/x"),
        (&based, "/"),
        (&based, "http://app/x"),
        (&based, "http://app"),
        (&based, "//app.example/v1"),
        (&named, "http://app.internal/x"),
    ] {
        assert_eq!(mapped(case, "location", given), given);
    }
    let kept = Case { which: References::Kept, ..based };
    assert_eq!(mapped(&kept, "location", "http://app/v1/x"), "http://app/v1/x");
}

#[test]
fn what_stood_before_the_path_is_taken_off_again() {
    let case = Case { target: "http://app/v1", prefix: "/shop", put_before: "/de/", ..CASE };
    assert_eq!(mapped(&case, "location", "/v1/de/x"), "/shop/x");
    assert_eq!(mapped(&case, "location", "/v1/x"), "/v1/x");
    let unbased = Case { target: "http://app", ..case.clone() };
    assert_eq!(mapped(&unbased, "location", "/de/x"), "/shop/x");
    assert_eq!(mapped(&unbased, "location", "http://app/de"), "https://shop.example:8080/shop");
    let named = Case { name: Some("inner.example"), ..case };
    let expected = "https://shop.example:8080/shop/x";
    assert_eq!(mapped(&named, "location", "http://inner.example/v1/de/x"), expected);
    assert_eq!(mapped(&named, "location", "http://app/v1/de/x"), expected);
}

#[test]
fn every_path_where_that_is_asked_for() {
    let paths = Case { prefix: "/api", which: References::Paths, ..CASE };
    for (given, expected) in
        [("/x", "/api/x"), ("/", "/api/"), ("x", "x"), ("http://other/x", "http://other/x")]
    {
        assert_eq!(mapped(&paths, "location", given), expected);
    }
}

#[test]
fn a_trusted_peer_tells_what_its_client_asked_for() {
    let told = &[
        ("x-forwarded-host", "outer.example"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-prefix", "/outer"),
    ];
    let case = Case { target: "http://app/v1", prefix: "/api", told, ..CASE };
    assert_eq!(mapped(&case, "location", "http://app/v1/x"), "http://outer.example/outer/api/x");
    assert_eq!(mapped(&case, "location", "/v1/x"), "/outer/api/x");
    let told = &[
        ("x-forwarded-host", "evil\"example"),
        ("x-forwarded-proto", "ftp"),
        ("x-forwarded-prefix", "//evil.example"),
    ];
    let case = Case { told, ..case };
    assert_eq!(mapped(&case, "location", "http://app/v1/x"), "https://shop.example:8080/api/x");
    let told = &[("x-forwarded-prefix", "/a;domain=evil.example")];
    assert_eq!(mapped(&Case { told, ..case.clone() }, "set-cookie", "a=b; Path=/v1"), "a=b; Path=/api");
    for (told, expected) in
        [(&[("x-forwarded-prefix", "/")], "/api/x"), (&[("x-forwarded-prefix", "/outer/")], "/outer/api/x")]
    {
        assert_eq!(mapped(&Case { told, ..case.clone() }, "location", "/v1/x"), expected);
    }
}

#[test]
fn where_the_client_is_not_known_the_path_is_enough() {
    for case in [Case { host: None, ..CASE }, Case { has_no_peer: true, ..CASE }] {
        assert_eq!(mapped(&case, "location", "http://10.0.0.7:9001/x"), "/x");
        assert_eq!(mapped(&case, "location", "http://10.0.0.7:9001//evil"), "http://10.0.0.7:9001//evil");
    }
}

#[test]
fn no_path_becomes_an_authority() {
    let case = Case { target: "http://app/v1", ..CASE };
    for (given, expected) in [
        ("/v1//evil.example", "https://shop.example:8080//evil.example"),
        ("/v1/\\evil.example", "https://shop.example:8080/\\evil.example"),
        ("/v1/x//y", "/x//y"),
    ] {
        assert_eq!(mapped(&case, "location", given), expected);
    }
}

#[test]
fn refresh() {
    let case = Case { target: "http://app/v1", prefix: "/api", ..CASE };
    for (given, expected) in [
        ("5; url=/v1/x", "5; url=/api/x"),
        ("5;URL = 'http://app/v1/x' ", "5;URL = 'https://shop.example:8080/api/x' "),
        ("0,url=\"/v1/x\";y", "0,url=\"/api/x\";y"),
        ("5; url=\"/v1/x", "5; url=\"/api/x"),
        ("5", "5"),
        ("5; /v1/x", "5; /v1/x"),
        ("5; url", "5; url"),
        ("5; url=/x", "5; url=/x"),
    ] {
        assert_eq!(mapped(&case, "refresh", given), expected);
    }
}

#[test]
fn cookies() {
    let based = Case { target: "http://app.internal:81/v1", prefix: "/api", ..CASE };
    let api = Case { target: "http://app.internal", prefix: "/api", ..CASE };
    let paths = Case { which: References::Paths, ..api.clone() };
    let address = Case { host: Some("192.0.2.9:80"), ..api.clone() };
    for (case, given, expected) in [
        (&based, "a=b; Path=/v1; HttpOnly", "a=b; Path=/api; HttpOnly"),
        (&based, "a=b;path = /v1/x ;Secure", "a=b;path =/api/x;Secure"),
        (&based, "a=b; Domain=app.internal", "a=b; Domain=shop.example"),
        (&based, "a=b; domain=.APP.internal; Path=/v1", "a=b; domain=shop.example; Path=/api"),
        (&based, "a=b; Path=/", "a=b; Path=/"),
        (&based, "a=b; Path=/v2", "a=b; Path=/v2"),
        (&based, "Path=/v1; Domain=internal", "Path=/v1; Domain=internal"),
        (&based, "a=b; Domain=www.app.internal", "a=b; Domain=www.app.internal"),
        (&based, "a=b; Path=", "a=b; Path="),
        (&based, "__Host-a=b; Path=/v1", "__Host-a=b; Path=/v1"),
        (&api, "a=b; Path=/x", "a=b; Path=/x"),
        (&paths, "a=b; Path=/x", "a=b; Path=/api/x"),
        (&paths, "a=b; Path=/", "a=b; Path=/api"),
        (&paths, "a=b; Path=x", "a=b; Path=x"),
        (&address, "a=b; Domain=app.internal; Secure", "a=b; Secure"),
    ] {
        assert_eq!(mapped(case, "set-cookie", given), expected);
    }
}

#[test]
fn secrets_stay_secret() {
    let (parts, ()) = Request::builder().header("host", "a").body(()).unwrap().into_parts();
    let settings = Settings::new("http://app/v1".parse().unwrap());
    let mut headers = HeaderMap::new();
    let mut value = HeaderValue::from_static("a=b; Path=/v1");
    value.set_sensitive(true);
    headers.insert(SET_COOKIE, value);
    map(&mut headers, &parts, &settings);
    assert_eq!(headers[SET_COOKIE], "a=b; Path=/");
    assert!(headers[SET_COOKIE].is_sensitive());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    /// What the upstream has for a path is mapped to the path that the client asked for.
    #[test]
    fn there_and_back(rest in "(/[a-z%2F;:@]{0,4}){0,3}", query in "(\\?[a-z/?=&]{0,6})?", based: bool, added: bool) {
        let rest = if rest.starts_with("//") { String::new() } else { rest };
        let target = if based { "http://app/v1" } else { "http://app" };
        let put_before = if added { "/de" } else { "" };
        let case = Case { target, prefix: "/api", put_before, ..CASE };
        let inner = format!("{target}{put_before}{rest}{query}");
        let outer = format!("https://shop.example:8080/api{rest}{query}");
        prop_assert_eq!(mapped(&case, "location", &inner), outer);
    }

    /// No reference becomes one to another host, whatever the upstream says.
    #[test]
    fn only_two_hosts(reference in "(http:)?/{0,3}(app|evil|/v1|:80|\\\\|[@?#:.]){0,6}", prefixed: bool) {
        let prefix = if prefixed { "/api" } else { "" };
        for which in [References::Target, References::Paths] {
            let case = Case { target: "http://app/v1", prefix, which, ..CASE };
            let mapped = mapped(&case, "location", &reference);
            let is_safe = mapped == reference
                || mapped.starts_with("https://shop.example:8080/")
                || mapped.starts_with("//shop.example:8080/")
                || mapped.starts_with('/') && !mapped[1..].starts_with(['/', '\\']);
            prop_assert!(is_safe, "{} -> {}", reference, mapped);
        }
    }
}
