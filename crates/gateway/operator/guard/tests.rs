use super::*;

fn asked(method: &str, lines: &[(&str, &str)]) -> Result<(), StatusCode> {
    let mut request = Request::builder().method(method).uri("/api/v1/status");
    for (name, value) in lines {
        request = request.header(*name, *value);
    }
    let mut request = request.body(()).unwrap();
    request.extensions_mut().insert(Reached { peer: Some(([192, 0, 2, 9], 40_000).into()) });
    check(&request, &["gateway.internal".to_owned()]).map_err(|problem| problem.into_response().status())
}

#[test]
fn only_names_of_this_listener_are_asked_for() {
    for host in [
        "localhost",
        "LocalHost:9900",
        "localhost.:9900",
        "127.0.0.1:9900",
        "127.9.9.9",
        "[::1]:9900",
        "[::ffff:127.0.0.1]:9900",
        "192.0.2.9:9900",
        "Gateway.Internal:80",
        "[2001:db8::1]",
    ] {
        assert_eq!(asked("GET", &[("host", host)]), Ok(()), "{host}");
    }
    for host in [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "x.gateway.internal",
        "127.0.0:9900",
        "a b",
    ] {
        assert_eq!(asked("GET", &[("host", host)]), Err(StatusCode::FORBIDDEN), "{host}");
    }
    assert_eq!(asked("GET", &[]), Ok(()), "HTTP/1.0 has none, and no browser speaks it");
}

#[test]
fn the_authority_of_the_target_counts_before_the_host() {
    let request = Request::builder().uri("http://evil.example/").header("host", "localhost");
    assert!(check(&request.body(()).unwrap(), &[]).is_err());
}

#[test]
fn over_a_unix_socket_any_host_is_asked_for() {
    let mut request = Request::builder().uri("/").header("host", "gateway").body(()).unwrap();
    assert!(check(&request, &[]).is_err(), "nothing is known of the connection");
    request.extensions_mut().insert(Reached { peer: None });
    assert!(check(&request, &[]).is_ok());
}

#[test]
fn a_page_from_elsewhere_is_refused() {
    let host = ("host", "localhost:9900");
    for (lines, is_let_in) in [
        (&[("origin", "http://localhost:9900")][..], true),
        (&[("origin", "HTTP://LOCALHOST:9900")], true),
        (&[("origin", "http://localhost:8080")], false),
        (&[("origin", "http://evil.example")], false),
        (&[("origin", "null")], false),
        (&[("origin", "")], false),
        (&[("sec-fetch-site", "same-origin")], true),
        (&[("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate")], true),
        (&[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")], true),
        (&[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")], false),
        (&[("sec-fetch-site", "same-site"), ("sec-fetch-mode", "cors")], false),
        (&[("sec-fetch-site", "cross-site")], false),
    ] {
        let lines: Vec<_> = std::iter::once(host).chain(lines.iter().copied()).collect();
        assert_eq!(asked("GET", &lines).is_ok(), is_let_in, "{lines:?}");
    }
}

#[test]
fn what_changes_something_needs_the_mark() {
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT"] {
        assert!(asked(method, &[("host", "localhost")]).is_err(), "{method}");
        let marked = [("host", "localhost"), ("x-gateway-operator", "1")];
        assert!(asked(method, &marked).is_ok(), "{method}");
    }
    assert!(asked("POST", &[("host", "localhost"), ("x-gateway-operator", "0")]).is_err());
    assert!(asked("HEAD", &[("host", "localhost")]).is_ok());
}

/// They say nothing that a page could use, and are asked for by whatever name a load balancer has.
#[test]
fn health_is_asked_for_by_any_name() {
    for (path, is_let_in) in [("/livez", true), ("/readyz", true), ("/", false), ("/livez/x", false)] {
        let request = Request::builder().uri(path).header("host", "lb.example").body(()).unwrap();
        assert_eq!(check(&request, &[]).is_ok(), is_let_in, "{path}");
    }
}
