use std::convert::Infallible;
use std::future::ready;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::Request;
use proptest::prelude::*;
use tower::{Service, ServiceExt, service_fn};

use super::*;

#[test]
fn plain_prefixes_are_allowed() {
    for prefix in ["/", "/api", "/api/v2", "/a-b._~", "/...", "/.well-known", "/healthz", "/healthz/x"] {
        assert!(check(prefix, &(0..0)).is_ok(), "{prefix}");
    }
}

#[test]
fn all_else_is_refused() {
    for prefix in [
        "", "api", "//", "/api/", "/api//v2", "/.", "/..", "/a/../b", "/a/.", "/{id}", "/*", "/:id",
        "/a%2fb", "/a b", "/a?b", "/a#b", "/ä", "/a\\b", "/a;b", "/a\n",
    ] {
        assert!(check(prefix, &(0..0)).is_err(), "{prefix}");
    }
}

/// A prefix that an error suggests, in quotes, is itself accepted.
#[test]
fn what_is_suggested_is_not_refused_in_turn() {
    for (prefix, suggested) in [
        ("api", Some("/api")),
        ("api/", Some("/api")),
        ("/api/", Some("/api")),
        ("//", Some("/")),
        ("/api//v2/", Some("/api/v2")),
        ("*.js", None),
        ("/*.js", None),
        ("api/../x", None),
        ("healthz", Some("/healthz")),
        ("", Some("/")),
    ] {
        let problem = check(prefix, &(0..0)).unwrap_err();
        let expected = problem.expected.unwrap();
        let quoted = expected.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        assert_eq!(quoted, suggested, "{prefix}: {expected}");
        assert!(quoted.is_none_or(|suggested| check(suggested, &(0..0)).is_ok()));
    }
}

/// Any prefixes that are accepted can be nested in one axum router, and the longest one wins there.
#[test]
fn axum_takes_what_is_accepted() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let segment = prop::sample::select(vec!["a", "b", "ab", "a.b", "~", "-", "..."]);
    let prefix = prop::collection::vec(segment, 0..4).prop_map(|segments| format!("/{}", segments.join("/")));
    let prefixes = prop::collection::btree_set(prefix.clone(), 1..8);
    proptest!(|(prefixes in prefixes, path in prefix)| {
        for prefix in &prefixes {
            prop_assert!(check(prefix, &(0..0)).is_ok());
        }
        let longest = prefixes.iter().filter(|prefix| *prefix == "/" || path.strip_prefix(prefix.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
        let longest = longest.max_by_key(|prefix| prefix.len());
        prop_assert_eq!(runtime.block_on(answering(&prefixes, &path)), longest.cloned());
    });
}

/// The prefix whose service answers for `path`.
async fn answering(prefixes: &std::collections::BTreeSet<String>, path: &str) -> Option<String> {
    let mut router = Router::new();
    for prefix in prefixes {
        let name = prefix.clone();
        let service = service_fn(move |_: Request<Body>| {
            ready(Ok::<_, Infallible>(
                Response::builder().header("x-prefix", &name).body(Body::empty()).unwrap(),
            ))
        });
        router = match prefix.as_str() {
            "/" => router.fallback_service(service),
            prefix => router.nest_service(prefix, service),
        };
    }
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = router.as_service::<Body>().ready().await.unwrap().call(request).await.unwrap();
    response.headers().get("x-prefix").map(|name| name.to_str().unwrap().to_owned())
}
