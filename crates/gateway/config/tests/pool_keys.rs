//! The keys of a pool that say how requests are spread over its upstreams.

use std::time::Duration;

use http::{HeaderName, StatusCode};
use proxy_service::{HeaderCase, ProxyHeader};

use super::*;

mod refused;

/// The minimal file, with `lines` in its pool.
fn pool_with(lines: &str) -> String {
    MINIMAL.replace("[routes", &format!("{lines}\n[routes"))
}

fn pool(lines: &str) -> Pool {
    let mut config = parse(pool_with(lines)).unwrap_or_else(|errors| panic!("{errors}"));
    config.pools.remove(0)
}

#[test]
fn without_keys_only_outliers_and_slow_start_are_on() {
    let pool = pool("");
    assert_eq!(pool.balancing, Balancing::RoundRobin);
    assert_eq!(pool.outliers, Some(Outliers::default()));
    assert_eq!(pool.slow_start, Some(Duration::from_secs(30)));
    assert!(pool.health.is_none() && pool.retries.is_none() && pool.capacity.is_none());
    assert!(pool.affinity.is_none());
    #[cfg(feature = "tls")]
    assert!(pool.tls.is_none());
    assert_eq!(pool.connections, Connections::default());
}

#[test]
fn false_and_off_turn_off_what_is_on() {
    let turned_off = pool("outliers = false\nslow_start = false");
    assert_eq!((turned_off.outliers, turned_off.slow_start), (None, None));
    let off = pool(
        "slow_start = \"off\"\nconnections.max_age = \"off\"\nconnections.ping = \"off\"\nretries.per_try_timeout = \"off\"\n\
         affinity = { cookie = \"gw\", max_age = \"off\" }",
    );
    assert!(off.slow_start.is_none() && off.connections.max_age.is_none());
    assert!(off.connections.ping.is_none());
    assert!(off.retries.unwrap().per_try_timeout.is_none() && off.affinity.unwrap().max_age.is_none());
}

#[test]
fn every_way_to_balance() {
    let header = |name| Balancing::Hash(HashKey::Header(HeaderName::from_static(name)));
    for (value, balancing) in [
        (r#""round-robin""#, Balancing::RoundRobin),
        (r#""least-loaded""#, Balancing::LeastLoaded),
        (r#""peak-ewma""#, Balancing::PeakEwma),
        (r#""random""#, Balancing::Random),
        (r#"{ hash = "header:X-User" }"#, header("x-user")),
        (r#"{ hash = "cookie:Session" }"#, Balancing::Hash(HashKey::Cookie("Session".to_owned()))),
        (r#"{ hash = "peer" }"#, Balancing::Hash(HashKey::Peer)),
    ] {
        assert_eq!(pool(&format!("balance = {value}")).balancing, balancing, "{value}");
    }
}

#[test]
fn names_are_written_in_the_case_that_is_asked_for() {
    for (value, case) in [("lower", HeaderCase::Lower), ("title", HeaderCase::Title)] {
        assert_eq!(pool(&format!("header_case = \"{value}\"")).header_case, case);
    }
    let as_ever = pool("protocol = \"http2\"\nheader_case = \"lower\"");
    assert_eq!(as_ever.header_case, HeaderCase::Lower);
}

#[test]
fn connections_begin_as_is_asked_for() {
    for (value, header) in [("off", None), ("v1", Some(ProxyHeader::V1)), ("v2", Some(ProxyHeader::V2))] {
        assert_eq!(pool(&format!("send_proxy = \"{value}\"")).send_proxy, header);
    }
    assert_eq!(pool("protocol = \"http2\"\nsend_proxy = \"off\"").send_proxy, None);
}

/// A key that a table leaves out has its default.
#[test]
fn tables_need_no_more_than_what_has_no_default() {
    let pool = pool(
        "health.path = \"/\"\noutliers.failure_rate = {}\nretries = {}\nhedge.after = \"50ms\"\nmax_in_flight = 7\n\
         affinity.cookie = \"gw\"",
    );
    let health = pool.health.unwrap();
    assert_eq!((health.interval, health.timeout), (Duration::from_secs(10), Duration::from_secs(2)));
    assert_eq!((health.rise.get(), health.fall.get(), health.status), (2, 3, 200..=299));
    let outliers = Outliers { failure_rate: Some(FailureRate::default()), ..Outliers::default() };
    assert_eq!(pool.outliers, Some(outliers));
    assert_eq!(pool.retries, Some(Retries::default()));
    let after = HedgeAfter::Time(Duration::from_millis(50));
    assert_eq!(pool.hedge, Some(Hedge { after, budget_percent: 5, budget_min_per_second: 1 }));
    assert_eq!(pool.capacity, Some(Capacity { max_in_flight: 7, queue: Queue::default() }));
    let affinity = pool.affinity.unwrap();
    assert!(affinity.secret.is_none() && affinity.max_age.is_none() && affinity.secure == Secure::Auto);
    assert_eq!(affinity.same_site, SameSite::Lax);
}

#[test]
fn every_key_of_a_pool_has_its_effect() {
    let pool = pool(
        r#"
balance = { hash = "cookie:session" }
protocol = "http2"
health = { path = "/healthz?deep=1", interval = "100ms", timeout = "1m", rise = 10, fall = 1, status = "200-399", host = "app.example:81", port = 8081, all_down = "use" }
slow_start = "5s"
timeouts = { connect = "1s", response_head = "off", body_idle = "1h", tunnel_idle = "2h" }
max_in_flight = 1_000_000
queue = { size = 0, timeout = "2s" }

[pools.api.outliers]
consecutive = 1000
failure_rate = { percent = 100, requests = 1, window = "1s" }
ejection = "1m"
max_ejection = "1m"
max_ejected = 100

[pools.api.connections]
max = 1_000_000
queue = { size = 100_000, timeout = "3s" }
max_idle = 0
idle_timeout = "1ms"
max_age = "1h"
max_uses = 1
ping = "5m"

[pools.api.retries]
attempts = 5
statuses = [599, 400, 503, 503]
per_try_timeout = "500ms"
budget_percent = 0
budget_min_per_second = 1000
backoff = "1s"
max_backoff = "1s"

[pools.api.hedge]
after = "p99"
budget_percent = 100
budget_min_per_second = 0

[pools.api.affinity]
cookie = "__Host-gw"
secret = "${GW_SECRET}"
max_age = "1h"
secure = true
same_site = "none"
"#,
    );
    insta::assert_debug_snapshot!(pool);
    let secret = pool.affinity.unwrap().secret.unwrap();
    assert_eq!(secret.expose(), "0123456789abcdef-from-the-environment");
}

#[test]
fn statuses_come_in_order_and_may_be_none() {
    let statuses = |list: &str| pool(&format!("retries.statuses = {list}")).retries.unwrap().statuses;
    let [lowest, unavailable] = [StatusCode::BAD_REQUEST, StatusCode::SERVICE_UNAVAILABLE];
    assert_eq!(statuses("[503, 400, 503]"), [lowest, unavailable]);
    assert_eq!(statuses("[]"), [] as [StatusCode; 0]);
    for (value, range) in
        [("204", 204..=204), ("\"200\"", 200..=200), ("\"200-599\"", 200..=599), ("\"301-301\"", 301..=301)]
    {
        let health = pool(&format!("health = {{ path = \"/\", status = {value} }}")).health.unwrap();
        assert_eq!(health.status, range, "{value}");
    }
}

#[test]
fn secrets_come_from_everywhere() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("secret"), "from a secret file\r\n").unwrap();
    let file = directory.path().join("gateway.toml");
    for (source, expected) in [
        ("\"a-literal-that-is-long\"", "a-literal-that-is-long"),
        ("\"${GW_SECRET}\"", "0123456789abcdef-from-the-environment"),
        ("{ env = \"GW_SECRET\" }", "0123456789abcdef-from-the-environment"),
        ("{ file = \"secret\" }", "from a secret file"),
    ] {
        let text = pool_with(&format!("affinity = {{ cookie = \"gw\", secret = {source} }}"));
        let config = Config::parse(file.to_str().unwrap(), text, variable).unwrap();
        let secret = config.pools[0].affinity.as_ref().unwrap().secret.as_ref().unwrap();
        assert_eq!(secret.expose(), expected);
        assert!(config.warnings.is_empty(), "{:?}", config.warnings);
    }
}

#[test]
fn secrets_have_their_lengths() {
    let with_length = |length| {
        let secret = "x".repeat(length);
        parse(pool_with(&format!("affinity = {{ cookie = \"gw\", secret = \"{secret}\" }}")))
    };
    assert!(with_length(16).is_ok() && with_length(4096).is_ok());
    for (length, why) in [(15, "the secret is short enough to be guessed"), (4097, "the secret is too long")]
    {
        let errors = with_length(length).unwrap_err().to_string();
        assert!(errors.contains(why), "{errors}");
    }
}

#[test]
fn a_secret_for_each_process_is_a_warning() {
    let config = parse(pool_with("affinity = { cookie = \"gw\" }")).unwrap();
    let warnings: Vec<_> = config.warnings.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(warnings.join("\n"));
}
