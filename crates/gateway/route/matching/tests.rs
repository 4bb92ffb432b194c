mod model;
mod properties;

use std::net::{IpAddr, SocketAddr};

use http::header::{CONNECTION, UPGRADE};
use http::{HeaderName, Method, Request};
use ipnet::IpNet;
use proxy_service::Peer;

use super::*;
use crate::config::{ClientScheme, PathPattern, Pattern, ValueTest};

fn prefix(text: &str) -> Matching {
    Matching::below(text).unwrap()
}

fn exact(text: &str) -> Matching {
    Matching::path(PathPattern::exact(text).unwrap())
}

fn pattern(text: &str) -> Matching {
    Matching::path(PathPattern::pattern(text).unwrap())
}

fn on(host: &str, matching: Matching) -> Matching {
    Matching { hosts: host.split(' ').map(|host| host.parse().unwrap()).collect(), ..matching }
}

/// Each rule stands for its number.
fn matcher(rules: impl IntoIterator<Item = Matching>) -> Matcher<usize> {
    Matcher::new(rules.into_iter().enumerate().map(|(index, rule)| Rule::new(rule, index)).collect())
}

fn get(target: &str) -> Request<()> {
    Request::get(target).body(()).unwrap()
}

fn found(matcher: &Matcher<usize>, request: &Request<()>) -> Option<usize> {
    matcher.find(request).map(|matched| *matched.value)
}

#[test]
fn paths_are_asked_segment_by_segment() {
    let matcher = matcher([
        prefix("/"),                    // 0
        prefix("/users"),               // 1
        pattern("/users/{id}"),         // 2
        pattern("/users/{id}/{*rest}"), // 3
        exact("/users/me"),             // 4
        prefix("/users/me/inbox"),      // 5
        pattern("/img-{id}.png"),       // 6
        pattern("/{file}.png"),         // 7
        exact("/users/"),               // 8
        pattern("/{a}/x/{b}"),          // 9
        pattern("/users/{id}/x/y"),     // 10
    ]);
    for (path, expected) in [
        ("/", 0),
        ("/usersx", 0),
        ("/users", 1),
        ("/users/", 8),
        ("/users/7", 2),
        ("/users/me", 4),
        ("/users/ME", 2),
        ("/users/7/", 3),
        ("/users/7/x", 3),
        ("/users/7/x/y", 10),
        ("/users/7/x/z", 3),
        ("/users/me/inbox", 5),
        ("/users/me/inbox/x", 5),
        ("/users/me/inboxes", 3),
        ("/users//", 1),
        ("/img-7.png", 6),
        ("/img-.png", 7),
        ("/a.png", 7),
        ("/.png", 0),
        ("/a/x/b", 9),
        ("/a/x/", 0),
        ("//users", 0),
        ("/%75sers", 0),
        ("/users;x", 0),
    ] {
        assert_eq!(found(&matcher, &get(path)), Some(expected), "{path}");
    }
    assert_eq!(found(&self::matcher([pattern("/a/{b}")]), &get("/a")), None);
    assert_eq!(found(&matcher, &Request::options("*").body(()).unwrap()), Some(0));
}

#[test]
fn captures_are_raw_bytes_of_the_path() {
    let matcher = matcher([pattern("/{a}/b-{c}/{*rest}")]);
    for (path, expected) in [("/x/b-y/", ["x", "y", ""]), ("/%2f;x/b-%20/p//q?r", ["%2f;x", "%20", "p//q"])] {
        let request = get(path);
        let matched = matcher.find(&request).unwrap();
        let captured = (0..3).map(|index| matched.captures.of(request.uri().path(), index).unwrap());
        assert_eq!(captured.collect::<Vec<_>>(), expected, "{path}");
        assert_eq!((matched.prefix, matched.captures.place(3)), (0, None));
    }
}

#[test]
fn groups_of_a_regular_expression_come_after_the_names() {
    let regex = Pattern::new("^/[^/]+/(?<year>[0-9]{4})(?:-(?<month>[0-9]{2}))?$").unwrap();
    let matching = pattern("/{blog}/{date}").regex(regex).unwrap();
    assert_eq!(matching.captures().join(" "), "blog date year month");
    let matcher = matcher([matching]);
    let request = get("/ours/2026");
    let matched = matcher.find(&request).unwrap();
    let captured = (0..4).map(|index| matched.captures.of(request.uri().path(), index).unwrap());
    assert_eq!(captured.collect::<Vec<_>>(), ["ours", "2026", "2026", ""]);
    assert_eq!(found(&matcher, &get("/ours/26")), None);
}

#[test]
fn a_prefix_says_how_long_it_is() {
    let matcher = matcher([prefix("/"), prefix("/api/v1"), exact("/api/v1/x")]);
    for (path, expected) in [("/x", 0), ("/api/v1", 7), ("/api/v1/", 7), ("/api/v1/y", 7), ("/api/v1/x", 0)] {
        assert_eq!(matcher.find(&get(path)).unwrap().prefix, expected, "{path}");
    }
}

#[test]
fn hosts_decide_after_paths() {
    let matcher = matcher([
        prefix("/api"),                            // 0
        on("*.example", prefix("/api")),           // 1
        on("a.example b.example", prefix("/api")), // 2
        on("a.example", prefix("/")),              // 3
        on("*.x.example", prefix("/api")),         // 4
    ]);
    for (host, path, expected) in [
        ("a.example", "/api", Some(2)),
        ("B.EXAMPLE.:8080", "/api", Some(2)),
        ("c.example", "/api", Some(1)),
        ("a.b.example", "/api", Some(1)),
        ("a.x.example", "/api", Some(4)),
        ("example", "/api", Some(0)),
        ("a.example", "/", Some(3)),
        ("b.example", "/", None),
    ] {
        let request = Request::get(path).header("host", host).body(()).unwrap();
        assert_eq!(found(&matcher, &request), expected, "{host}{path}");
    }
    assert_eq!(found(&matcher, &get("/api")), Some(0), "no host");
}

#[test]
fn every_condition_has_to_hold() {
    let tenant = (HeaderName::from_static("x-tenant"), ValueTest::Exact("a".into()));
    let version = (Box::from("version"), ValueTest::Exact("2 b".into()));
    let networks: [IpNet; 2] = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
    let conditions = [
        Matching { methods: vec![Method::GET, Method::POST], ..prefix("/") },
        Matching { headers: vec![tenant], ..prefix("/") },
        Matching { query: vec![version], ..prefix("/") },
        Matching { clients: networks.to_vec(), ..prefix("/") },
        Matching { scheme: Some(ClientScheme::Https), ..prefix("/") },
        prefix("/").regex(Pattern::new("^/[0-9]+$").unwrap()).unwrap(),
    ];
    let request = |method: &str, target: &str, headers: &[(&str, &str)], peer: Peer| {
        let request = Request::builder().method(method).uri(target);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        request.extension(peer).body(()).unwrap()
    };
    let peer = |ip: &str| Peer::new(SocketAddr::new(ip.parse::<IpAddr>().unwrap(), 1));
    let tenants = [("x-tenant", "b"), ("X-Tenant", "a")];
    for (request, holds) in [
        (request("POST", "/", &[], peer("192.0.2.1")), [true, false, false, false, false, false]),
        (request("CONNECT", "http://a/", &[], peer("192.0.2.1")), [true, false, false, false, false, false]),
        (
            request("HEAD", "/7", &[("x-tenant", "A")], peer("10.1.2.3")),
            [true, false, false, true, false, true],
        ),
        (
            request("PUT", "/?version=1&version=2+b", &tenants, peer("fd00::1").over_tls()),
            [false, true, true, true, true, false],
        ),
        (
            request("get", "/7x?v%65rsion=2%20b&x", &[], Peer::unknown()),
            [false, false, true, false, false, false],
        ),
    ] {
        for (index, (condition, expected)) in conditions.iter().zip(holds).enumerate() {
            let matcher = matcher([condition.clone()]);
            assert_eq!(found(&matcher, &request).is_some(), expected, "{index} {request:?}");
        }
    }
}

#[test]
fn a_websocket_over_http2_is_what_its_upstream_gets() {
    let with = |name: HeaderName, test: ValueTest| Matching { headers: vec![(name, test)], ..prefix("/") };
    let exact = |text: &str| ValueTest::Exact(text.into());
    let request = Request::connect("http://a/ws").body(()).unwrap();
    for (condition, expected) in [
        (with(UPGRADE, exact("websocket")), true),
        (with(UPGRADE, exact("tcp")), false),
        (with(UPGRADE, ValueTest::Not(Box::new(ValueTest::Exists))), false),
        (with(CONNECTION, exact("upgrade")), true),
        (Matching { methods: vec![Method::GET], ..prefix("/") }, true),
        (Matching { methods: vec![Method::CONNECT], ..prefix("/") }, false),
    ] {
        assert_eq!(found(&matcher([condition.clone()]), &request).is_some(), expected, "{condition:?}");
    }
}

#[test]
fn more_conditions_are_asked_before_fewer_and_priorities_before_all() {
    let header = |name| (HeaderName::from_static(name), ValueTest::Exists);
    let with = |names: &[&'static str], matching: Matching| Matching {
        headers: names.iter().map(|name| header(name)).collect(),
        ..matching
    };
    let matcher = matcher([
        prefix("/api"),                                        // 0
        with(&["b"], prefix("/api")),                          // 1
        with(&["a"], prefix("/api")),                          // 2
        with(&["a", "b"], prefix("/api")),                     // 3
        Matching { priority: 1, ..with(&["c"], prefix("/")) }, // 4
        Matching { priority: -1, ..exact("/api/low") },        // 5
        with(&["a"], on("a.example", prefix("/api"))),         // 6
        on("a.example", prefix("/api")),                       // 7
    ]);
    for (names, host, expected) in [
        (&[][..], "b.example", 0),
        (&["a"], "b.example", 2),
        (&["a", "b"], "b.example", 3),
        (&["b"], "b.example", 1),
        (&["a", "b", "c"], "b.example", 4),
        (&["a", "b"], "a.example", 6),
        (&["b"], "a.example", 7),
    ] {
        let request = Request::get("/api/low").header("host", host);
        let request = names.iter().fold(request, |request, name| request.header(*name, ""));
        assert_eq!(found(&matcher, &request.body(()).unwrap()), Some(expected), "{names:?} {host}");
    }
}

#[test]
fn each_route_says_why() {
    let rules = [
        on("a.example", Matching { methods: vec![Method::PUT], ..prefix("/api") }),
        on("b.example", prefix("/api")),
        prefix("/api"),
        prefix("/"),
        exact("/api"),
    ];
    let matcher = matcher(rules);
    let request = Request::get("/api/x").header("host", "a.example").body(()).unwrap();
    let said: Vec<String> = matcher.verdicts(&request).map(|(_, verdict)| verdict.to_string()).collect();
    assert_eq!(
        said,
        [
            "it doesn't take the method",
            "it isn't for this host",
            "all of its conditions hold",
            "all of its conditions hold, but another route is asked before",
            "it isn't for this path",
        ]
    );
}

/// Ways around gates of each kind, and their neighbours that aren't.
#[test]
fn ways_around_every_kind_of_gate_are_seen() {
    let gated =
        |matching: Matching| Matcher::new(vec![Rule::new(prefix("/"), 0), Rule::new(matching, 1).gated()]);
    let regex = prefix("/").regex(Pattern::new("^/[a-z]+/keys$").unwrap()).unwrap();
    for (matcher, around, not) in [
        (
            gated(exact("/admin")),
            &["/Admin", "/admin/", "//admin", "/admin;x", "/%61dmin"][..],
            &["/admin", "/admin/x", "/admins"][..],
        ),
        (
            gated(pattern("/{team}/admin")),
            &[
                "/red%2fadmin",
                "/red//admin",
                "/%2f/%61dmin",
                "/%09;/%61dmin",
                "/%3b/%61dmin",
                "/red/admin/",
                "/RED/ADMIN",
            ],
            &["/red/admin", "/red/admin/x", "/admin", "/r%20d/admin"],
        ),
        (
            gated(pattern("/doc-{id}.pdf/{*rest}")),
            &["/DOC-7.pdf/x", "/doc-7.pdf", "/doc-7%2epdf/x"],
            &["/doc-7.pdf/x", "/doc-.pdf/x", "/doc/x"],
        ),
        (
            gated(regex),
            &["/Red/keys", "/red/keys/", "/red/keys;x=1", "/red%2Fkeys"],
            &["/red/keys", "/keys", "/red/keys/x"],
        ),
        (gated(prefix("/Admin")), &["/admin", "/admin/x", "/ADMIN"], &["/Admin", "/Admin/x", "/administer"]),
    ] {
        for path in around {
            assert!(matcher.has_way_around(&get(path)), "{path}");
        }
        for path in not {
            assert!(!matcher.has_way_around(&get(path)), "{path}");
        }
    }
}

/// An upstream that cuts parameters off would find what the gate keeps.
#[test]
fn an_open_route_below_a_gate_takes_no_more_than_its_own() {
    let matcher = Matcher::new(vec![
        Rule::new(prefix("/admin"), 0).gated(),
        Rule::new(pattern("/admin/{name}.css"), 1),
        Rule::new(prefix("/admin/public"), 2),
    ]);
    for (path, is_around) in [
        ("/admin/a.css", false),
        ("/admin/keys;.css", true),
        ("/admin/keys%2f.css", true),
        ("/admin/a%2ecss", false),
        ("/admin/public/x", false),
        ("/admin/public/x;y//z%20", false),
        ("/admin/Public/x", false),
        ("/ADMIN/public/x", true),
    ] {
        assert_eq!(matcher.has_way_around(&get(path)), is_around, "{path}");
    }
}

#[test]
fn a_gate_counts_where_its_other_conditions_hold() {
    let gated = on("a.example", Matching { methods: vec![Method::POST], ..prefix("/admin") });
    let matcher = Matcher::new(vec![Rule::new(prefix("/"), 0), Rule::new(gated, 1).gated()]);
    for (method, host, is_around) in [
        ("POST", "a.example", true),
        ("POST", "A.Example.:80", true),
        ("GET", "a.example", false),
        ("POST", "b.example", false),
        ("POST", "%61.example", true),
        ("POST", "a%252eexample", true),
        ("POST", "%62.example", false),
        ("GET", "%61.example", false),
    ] {
        let request = Request::builder().method(method).uri("/ADMIN").header("host", host).body(()).unwrap();
        assert_eq!(matcher.has_way_around(&request), is_around, "{method} {host}");
    }
}
