//! The limits of routes, and `[redis]`.

use std::num::NonZeroU32;
use std::time::Duration;

use super::refused::snapshot;
use super::*;

/// The minimal file, with `lines` in its route.
fn route(lines: &str) -> String {
    format!("{MINIMAL}{lines}\n")
}

fn limits(lines: &str) -> RouteLimits {
    let config = parse(route(lines)).unwrap_or_else(|errors| panic!("{errors}"));
    config.routes[0].limits.clone()
}

#[test]
fn a_route_has_no_limits_unless_it_asks_for_them() {
    assert_eq!(limits(""), RouteLimits::default());
}

#[test]
fn each_key_has_its_effect() {
    let limits = limits(
        "max_body = 9\nbuffer = \"1KiB\"\nconcurrency = { requests = 2, queue = 0, timeout = \"3s\" }\n\
         timeouts = { response_head = \"1s\", body_idle = \"2s\", tunnel_idle = \"3s\", request = \"off\" }",
    );
    let queue = Queue { size: 0, timeout: Duration::from_secs(3) };
    assert_eq!(limits.concurrency, Some(Concurrency { requests: 2, queue }));
    assert_eq!((limits.max_body, limits.buffer), (Some(9), Some(1024)));
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    let timeouts = RouteTimeouts {
        response_head: seconds(1),
        body_idle: seconds(2),
        tunnel_idle: seconds(3),
        request: Some(Duration::MAX),
    };
    assert_eq!(limits.timeouts, timeouts);
}

#[test]
fn a_number_of_requests_is_enough() {
    let concurrency = limits("concurrency = 7").concurrency.unwrap();
    assert_eq!(concurrency, Concurrency { requests: 7, queue: Queue::default() });
}

#[test]
fn a_rate_has_defaults_and_a_list_may_have_several() {
    let number = |number| NonZeroU32::new(number).unwrap();
    let by_client = RateLimit {
        name: "client".to_owned(),
        requests: number(5),
        per: Duration::from_secs(60),
        burst: number(5),
        key: RateKey::Client,
        keys: 65_536,
        shared: false,
    };
    assert_eq!(limits("rate_limit = { requests = 5, per = \"1m\" }").rates, std::slice::from_ref(&by_client));
    let listed = limits(
        "rate_limit = [{ requests = 5, per = \"1m\" },\n\
         { requests = 1, per = \"1s\", burst = 2, key = \"header:X-Key\", keys = 8 },\n\
         { requests = 1, per = \"1s\", key = \"cookie:id\", name = \"by-cookie\" },\n\
         { requests = 1, per = \"1s\", key = \"route\" }, { requests = 1, per = \"1s\", key = \"token\" }]",
    );
    let names: Vec<_> = listed.rates.iter().map(|limit| limit.name.as_str()).collect();
    assert_eq!(names, ["client", "x-key", "by-cookie", "route", "token"]);
    let [first, second, third, ..] = &listed.rates[..] else { panic!("five limits") };
    assert_eq!(*first, by_client);
    assert_eq!((second.burst, second.keys), (number(2), 8));
    assert_eq!(second.key, RateKey::Header("x-key".parse().unwrap()));
    assert_eq!(third.key, RateKey::Cookie("id".to_owned()));
}

#[test]
fn mistakes_have_their_place() {
    let rate = |keys: &str| route(&format!("rate_limit = {{ {keys} }}"));
    snapshot(
        "limits",
        [
            ("a rate without its parts", rate("")),
            ("a rate of nothing", rate("requests = 0, per = \"1s\"")),
            ("a rate by the millisecond", rate("requests = 1, per = \"10ms\"")),
            ("an unknown key", rate("requests = 1, per = \"1s\", key = \"clients\"")),
            ("a key that is no field", rate("requests = 1, per = \"1s\", key = \"header:a b\"")),
            ("a key that is no cookie", rate("requests = 1, per = \"1s\", key = \"cookie:\"")),
            ("a name with a quote", rate("requests = 1, per = \"1s\", name = 'a\"b'")),
            (
                "two limits of one name",
                route("rate_limit = [{ requests = 1, per = \"1s\" }, { requests = 2, per = \"1m\" }]"),
            ),
            ("a rate that is a number", route("rate_limit = 100")),
            ("requests in flight without a number", route("concurrency = { queue = 1 }")),
            ("no requests in flight", route("concurrency = 0")),
            ("a buffer that is too large", route("buffer = \"1GiB\"")),
            ("connect of a route", route("timeouts = { connect = \"1s\", requests = \"1s\" }")),
            ("shared with nobody", rate("requests = 1, per = \"1s\", shared = true")),
        ],
    );
}

#[cfg(feature = "redis")]
mod redis {
    use super::*;

    /// The minimal file with `[redis]`.
    fn redis(lines: &str) -> String {
        format!("[redis]\n{lines}\n{MINIMAL}")
    }

    #[test]
    fn it_has_defaults_and_each_key_its_effect() {
        let read =
            |lines: &str| parse(redis(lines)).unwrap_or_else(|errors| panic!("{errors}")).redis.unwrap();
        let by_default = read("url = \"redis://localhost\"");
        assert_eq!(by_default.url.expose(), "redis://localhost");
        assert_eq!(
            (by_default.deadline, by_default.on_failure),
            (Duration::from_millis(5), OnFailure::Local)
        );
        assert_eq!(by_default.prefix, "gateway:");
        let set = read("url = \"redis://h:1/2\"\ndeadline = \"1s\"\non_failure = \"deny\"\nprefix = \"a\"");
        assert_eq!(
            (set.deadline, set.on_failure, &*set.prefix),
            (Duration::from_secs(1), OnFailure::Deny, "a")
        );
        assert_eq!(parse(MINIMAL).unwrap().redis, None);
    }

    #[cfg(feature = "tls")]
    #[test]
    fn tls_is_asked_for_by_the_url() {
        let read =
            |lines: &str| parse(redis(lines)).unwrap_or_else(|errors| panic!("{errors}")).redis.unwrap();
        assert_eq!(read("url = \"redis://localhost\"").tls, None);
        for scheme in ["rediss", "valkeys", "REDISS"] {
            let secured =
                read(&format!("url = \"{scheme}://:a@h:1/2\"\ntls = {{ server_name = \"other\" }}"));
            assert_eq!(secured.url_without_tls().as_deref(), Some("redis://:a@h:1/2"));
            let name = secured.tls.unwrap().server_name.unwrap();
            assert_eq!(name, "other".try_into().unwrap(), "{scheme}");
        }
        let by_default = || read("url = \"rediss://localhost\"");
        assert!(by_default() == by_default() && by_default().tls.unwrap().is_verified);
    }

    #[test]
    fn mistakes_have_their_place() {
        snapshot(
            "redis",
            [
                ("no url", redis("deadline = \"1ms\"")),
                ("no Redis", redis("url = \"http://localhost\"")),
                ("TLS that nobody asked for", redis("url = \"redis://localhost\"\ntls = {}")),
                ("TLS with anybody", redis("url = \"rediss://localhost#insecure\"")),
                ("TLS without a name", redis("url = \"rediss://a..b\"")),
                ("two sources", redis("url = { env = \"HOST\", file = \"x\" }")),
                ("no patience", redis("url = \"redis://localhost\"\ndeadline = \"1us\"")),
                ("no way to fail", redis("url = \"redis://localhost\"\non_failure = \"ignore\"")),
                ("a prefix with a space", redis("url = \"redis://localhost\"\nprefix = \"a b\"")),
            ],
        );
    }

    #[test]
    fn the_password_is_shown_nowhere() {
        for lines in [
            "url = \"redis://:s3cr3t@\"\n",
            "url = \"http://:s3cr3t@localhost\"",
            "url = \"redis://:s3cr3t@localhost\"\nprefix = \"a b\"",
            "url = { env = \"s3cr3t\" }",
        ] {
            if let Err(errors) = parse(redis(lines)) {
                assert!(!errors.to_string().contains("s3cr3t@"), "{errors}");
            }
        }
        let config = parse(redis("url = \"redis://:s3cr3t@localhost\"")).unwrap();
        assert!(!format!("{config:?}").contains("s3cr3t"));
        assert!(!config.origin.unwrap().masked.contains("s3cr3t"), "what operators are shown");
    }
}
