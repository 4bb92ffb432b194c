use std::sync::Arc;

use axum::http::{Method, Request};
use proptest::prelude::*;
use proxy_service::RouteOptions;

use super::rules::Rules;
use crate::config::{PathRewrite, QueryRewrite, Rewrite, RouteTemplate, Strip};

fn template(text: &str) -> RouteTemplate {
    RouteTemplate::compile(text, &[]).unwrap()
}

fn prefix(strip: Strip, add: &str) -> Rewrite {
    Rewrite { path: PathRewrite::Prefix { strip, add: add.to_owned() }, ..Rewrite::default() }
}

fn replaced(path: &str, query: Option<&str>) -> Rewrite {
    let path = PathRewrite::Template { path: template(path), query: query.map(template) };
    Rewrite { path, ..Rewrite::default() }
}

fn with_query(set: &[(&str, &str)], add: &[(&str, &str)], remove: &[&str]) -> Rewrite {
    let parameters = |parameters: &[(&str, &str)]| {
        parameters.iter().map(|(name, value)| ((*name).to_owned(), template(value))).collect()
    };
    let query = QueryRewrite {
        remove: remove.iter().copied().map(str::to_owned).collect(),
        set: parameters(set),
        add: parameters(add),
    };
    Rewrite { query, ..prefix(Strip::Nothing, "") }
}

/// The rewritten target, or the status.
fn rewritten(rewrite: &Rewrite, target: &str) -> Result<String, u16> {
    let mut request =
        Request::get(target).header("x-dots", "..").header("x-tenant", "a/b?c").body(()).unwrap();
    let rules = Rules::of(rewrite, "/api", RouteOptions::new());
    rules.apply(&mut request).map_err(|error| error.status().as_u16())?;
    assert!(request.extensions().get::<Arc<RouteOptions>>().is_some());
    Ok(request.uri().to_string())
}

#[test]
fn prefixes() {
    let strip = |text: &str| Strip::Prefix(text.to_owned());
    for (rewrite, target, expected) in [
        (prefix(Strip::Matched, ""), "/api/x%2Fy//;z?q=%zz&&", "/x%2Fy//;z?q=%zz&&"),
        (prefix(Strip::Matched, ""), "/api", "/"),
        (prefix(Strip::Matched, ""), "/api?", "/?"),
        (prefix(Strip::Matched, ""), "/api//x", "//x"),
        (prefix(Strip::Nothing, ""), "/api/x?y", "/api/x?y"),
        (prefix(Strip::Matched, "/v1"), "/api/x?y", "/v1/x?y"),
        (prefix(Strip::Matched, "/v1"), "/api", "/v1"),
        (prefix(Strip::Matched, "/v1"), "/api/", "/v1/"),
        (prefix(Strip::Nothing, "/v1"), "/api/x", "/v1/api/x"),
        (prefix(strip("/api/x"), ""), "/api/x/y", "/y"),
        (prefix(strip("/api/x"), ""), "/api/xy", "/api/xy"),
        (prefix(strip("/api/x"), "/v1"), "/api/z", "/v1/api/z"),
        (prefix(Strip::Matched, ""), "http://a.example/api/x?y", "http://a.example/x?y"),
    ] {
        assert_eq!(rewritten(&rewrite, target).as_deref(), Ok(expected), "{rewrite:?} {target}");
    }
}

#[test]
fn templates() {
    for (path, query, target, expected) in [
        ("/v2{path}", None, "/api/x?y=1", Ok("/v2/api/x?y=1")),
        ("/v2{path}", None, "/api/x", Ok("/v2/api/x")),
        ("{path}/index.html", None, "/a%2Fb", Ok("/a%2Fb/index.html")),
        ("/x", Some("from={path}&{query}"), "/a&b?c=1", Ok("/x?from=/a%26b&c=1")),
        ("/x", Some("{query}"), "/a", Ok("/x")),
        ("/x", Some(""), "/a?c=1", Ok("/x")),
        ("/{header.x-tenant}/x", None, "/", Ok("/a%2Fb%3Fc/x")),
        ("/{query.page}", None, "/?page=a/b", Ok("/a%2Fb?page=a/b")),
        ("/{header.x-dots}/x", None, "/", Err(400)),
        ("/.{header.none}./x", None, "/", Err(400)),
        ("/{query.page}", None, "/?page=%2e%2e", Err(400)),
        ("/{query.page}", None, "/?page=..", Err(400)),
        ("/x/{query.page}", None, "/?page=%00", Err(400)),
    ] {
        let found = rewritten(&replaced(path, query), target);
        assert_eq!(found.as_deref().map_err(|status| *status), expected, "{path} {query:?} {target}");
    }
}

#[test]
fn queries() {
    for (rewrite, target, expected) in [
        (with_query(&[], &[], &["a"]), "/x?a=1&b=%20+&a&c", "/x?b=%20+&c"),
        (with_query(&[], &[], &["a"]), "/x?%61=1", "/x"),
        (with_query(&[], &[], &["a b"]), "/x?a+b=1&a%20b=2&ab=3", "/x?ab=3"),
        (with_query(&[], &[], &["a"]), "/x", "/x"),
        (with_query(&[], &[], &["a"]), "/x?b=1&&=", "/x?b=1&&="),
        (with_query(&[], &[], &["a"]), "/x?&&b", "/x?&&b"),
        (with_query(&[], &[("c", "1")], &["a"]), "/x?&a", "/x?&c=1"),
        (with_query(&[("a", "1")], &[], &[]), "/x?a=2&b&a=3", "/x?b&a=1"),
        (with_query(&[("a", "{header.x-tenant}")], &[], &[]), "/x", "/x?a=a/b?c"),
        (with_query(&[("a&b", "{path}")], &[], &[]), "/x&y=1", "/x&y=1?a%26b=/x%26y%3D1"),
        (with_query(&[("a", "{header.none}")], &[], &[]), "/x?a=2&b", "/x?b"),
        (with_query(&[], &[("a", "1"), ("b", "{header.none}"), ("a", "2")], &[]), "/x?a=0", "/x?a=0&a=1&a=2"),
    ] {
        assert_eq!(rewritten(&rewrite, target).as_deref(), Ok(expected), "{rewrite:?} {target}");
    }
}

#[test]
fn methods() {
    let rules = |method| {
        let rewrite = Rewrite { method: Some(method), ..prefix(Strip::Nothing, "") };
        Rules::of(&rewrite, "/", RouteOptions::new())
    };
    for (came, goes) in
        [(Method::POST, Method::GET), (Method::GET, Method::GET), (Method::CONNECT, Method::CONNECT)]
    {
        let mut request = Request::builder().method(came).uri("/x").body(()).unwrap();
        rules(Method::GET).apply(&mut request).unwrap();
        assert_eq!(request.method(), goes);
    }
}

proptest! {
    /// Whatever is rewritten, it is a path that may be forwarded, or 400; and what isn't rewritten has its own bytes.
    #[test]
    fn a_path_or_400(target in "/[!-~&&[^#<>\"`{}\\\\^|]]{0,20}", index in 0..4_usize) {
        let Ok(uri) = target.parse::<axum::http::Uri>() else { return Ok(()) };
        if proxy_service::path::check(uri.path()).is_err() {
            return Ok(());
        }
        let rewrite = [
            prefix(Strip::Matched, "/v1"),
            replaced("/.{path}", None),
            replaced("/a/{query.a}{query.b}", Some("{query}")),
            with_query(&[("a", "{path}")], &[], &["b"]),
        ];
        match rewritten(&rewrite[index], &target) {
            Ok(rewritten) => {
                let rewritten: axum::http::Uri = rewritten.parse().unwrap();
                prop_assert!(proxy_service::path::check(rewritten.path()).is_ok());
                if index == 1 {
                    prop_assert_eq!(rewritten.to_string(), format!("/.{target}"));
                }
                if index != 3 {
                    prop_assert_eq!(rewritten.query().unwrap_or_default(), uri.query().unwrap_or_default());
                }
            }
            Err(status) => prop_assert_eq!(status, 400),
        }
    }
}
