//! `split`, `split_by`, `fallback` and `mirror`: the keys, and what is refused.

use std::time::Duration;

use super::*;

/// Pools named `a`, `b` and `c`, of which `c` has an affinity cookie, and a route with these keys.
fn with_keys(keys: &str) -> String {
    let pool = |name| format!("[pools.{name}]\nupstreams = [\"http://127.0.0.1:9001\"]\n");
    let affinity = "affinity = { cookie = \"gw\", secret = \"0123456789abcdef\" }\n";
    let pools = ["a", "b", "c"].map(pool).concat();
    format!("{pools}{affinity}[routes.\"/api\"]\n{keys}\n")
}

fn route(keys: &str) -> Route {
    let config = parse(with_keys(keys)).unwrap_or_else(|errors| panic!("{keys}: {errors}"));
    config.routes.into_iter().next().unwrap()
}

#[test]
fn every_key_has_its_effect() {
    let split = |keys: &str| match route(keys).action {
        Action::Split(split) => split,
        other => panic!("{keys}: {other:?}"),
    };
    let share = |pool, weight| PoolShare { pool, weight };
    let by_chance = split("split = { c = 0, a = 10000 }");
    assert_eq!(by_chance, Split { shares: vec![share(0, 10_000), share(2, 0)], by: SplitBy::Chance });
    let by_cookie = split("split = { a = 1, c = 1 }\nsplit_by = { cookie = \"share\" }");
    assert_eq!(by_cookie.by, SplitBy::Cookie("share".to_owned()));
    let by_header = split("split = { a = 1 }\nsplit_by = { header = \"X-User\" }");
    assert_eq!(by_header.by, SplitBy::Header("x-user".parse().unwrap()));

    let others = route("pool = \"a\"\nfallback = \"b\"\nmirror = { pool = \"c\" }").others;
    let mirror = Mirror {
        pool: 2,
        percent: 100,
        max_body: 64 << 10,
        max_in_flight: 100,
        timeout: Duration::from_secs(30),
    };
    assert_eq!(others, OtherPools { fallback: Some(1), mirror: Some(mirror) });
    let all =
        "mirror = { pool = \"b\", percent = 1, max_body = 0, max_in_flight = 10000, timeout = \"1ms\" }";
    let mirror =
        Mirror { pool: 1, percent: 1, max_body: 0, max_in_flight: 10_000, timeout: Duration::from_millis(1) };
    assert_eq!(route(&format!("pool = \"a\"\n{all}")).others.mirror, Some(mirror));
    // It may be one of several, and the mirror any.
    route("split = { a = 1, b = 1 }\nfallback = \"b\"\nmirror.pool = \"a\"");
}

#[test]
fn every_wrong_value_is_refused_with_its_place() {
    for (keys, place, why) in [
        ("split = \"a\"", "9:9", "split: found a string"),
        ("split = {}", "9:9", "split: gives no pool a share, expected a weight above 0"),
        ("split = { a = 0, b = 0 }", "9:9", "split: gives no pool a share"),
        ("split = { a = 1, d = 1 }", "9:18", "split.d: unknown pool \"d\", expected one of a, b, c"),
        ("split = { a = 10001 }", "9:15", "split.a: 10001 is out of range"),
        ("split = { a = -1 }", "9:15", "split.a: -1 is out of range"),
        ("split = { a = 0.5 }", "9:15", "split.a: found a float"),
        ("split = { a = \"95%\" }", "9:15", "split.a: found a string"),
        ("pool = \"a\"\nsplit = { b = 1 }", "8:1", "has pool and split"),
        ("pool = \"a\"\nsplit_by = { cookie = \"x\" }", "8:1", "has split_by without split"),
        ("split = { a = 1 }\nsplit_by = \"cookie\"", "10:12", "split_by: found a string"),
        ("split = { a = 1 }\nsplit_by = {}", "10:12", "split_by: names no cookie and no header, or both"),
        (
            "split = { a = 1 }\nsplit_by = { cookie = \"x\", header = \"x\" }",
            "10:12",
            "split_by: names no cookie and no header, or both",
        ),
        (
            "split = { a = 1 }\nsplit_by = { cookie = \"a b\" }",
            "10:23",
            "split_by.cookie: \"a b\" is no name for a cookie",
        ),
        (
            "split = { a = 1, c = 1 }\nsplit_by = { cookie = \"gw\" }",
            "10:23",
            "split_by.cookie: the affinity of c has a cookie of this name, expected a cookie of its own",
        ),
        ("split = { a = 1 }\nsplit_by = { header = \"a b\" }", "10:23", "\"a b\" names no header"),
        ("split = { a = 1 }\nsplit_by = { cookie = \"x\", q = 1 }", "10:28", "unknown key \"q\""),
        ("pool = \"a\"\nfallback = \"d\"", "10:12", "fallback: unknown pool \"d\""),
        ("pool = \"a\"\nfallback = [\"b\"]", "10:12", "fallback: found an array"),
        (
            "pool = \"a\"\nfallback = \"a\"",
            "10:12",
            "fallback: the route's requests go to this pool already, expected another pool",
        ),
        (
            "split = { a = 1 }\nfallback = \"a\"",
            "10:12",
            "fallback: the route's requests go to this pool already",
        ),
        ("pool = \"a\"\nmirror = \"b\"", "10:10", "mirror: found a string"),
        ("pool = \"a\"\nmirror = {}", "10:10", "mirror: has no pool, expected pool = \"NAME\""),
        ("pool = \"a\"\nmirror.pool = \"d\"", "10:15", "mirror.pool: unknown pool \"d\""),
        (
            "pool = \"a\"\nmirror = { pool = \"b\", percent = 0 }",
            "10:34",
            "mirror.percent: 0 is out of range",
        ),
        (
            "pool = \"a\"\nmirror = { pool = \"b\", percent = 101 }",
            "10:34",
            "mirror.percent: 101 is out of range",
        ),
        ("pool = \"a\"\nmirror = { pool = \"b\", percent = 0.5 }", "10:34", "mirror.percent: found a float"),
        ("pool = \"a\"\nmirror = { pool = \"b\", max_body = \"17MiB\" }", "10:35", "mirror.max_body: "),
        (
            "pool = \"a\"\nmirror = { pool = \"b\", max_in_flight = 0 }",
            "10:40",
            "mirror.max_in_flight: 0 is out of range",
        ),
        ("pool = \"a\"\nmirror = { pool = \"b\", timeout = \"0s\" }", "10:34", "mirror.timeout: "),
        ("pool = \"a\"\nmirror = { pool = \"b\", timeout = \"off\" }", "10:34", "mirror.timeout: "),
        ("pool = \"a\"\nmirror = { pool = \"b\", precent = 1 }", "10:24", "(did you mean percent?)"),
    ] {
        let errors = parse(with_keys(keys)).map(|_| keys).unwrap_err();
        let text = errors.to_string();
        assert!(text.contains(why) && text.contains(&format!("gateway.toml:{place}: ")), "{keys}: {text}");
        assert_eq!(errors.len(), 1, "{keys}: {text}");
    }
}
