//! Values that the keys of a pool refuse.

use super::super::refused::snapshot;
use super::*;

#[test]
fn balancing() {
    snapshot(
        "balancing",
        [
            ("a slip", pool_with("balance = \"round_robin\"")),
            ("no idea", pool_with("balance = \"fastest\"")),
            ("a number", pool_with("balance = 1")),
            ("a table without hash", pool_with("balance = { has = \"peer\" }")),
            ("a strange key", pool_with("balance = { hash = \"query:user\" }")),
            ("no header name", pool_with("balance = { hash = \"header:x user\" }")),
            ("an empty cookie name", pool_with("balance = { hash = \"cookie:\" }")),
        ],
    );
}

#[test]
fn health() {
    snapshot(
        "health",
        [
            ("a text", pool_with("health = \"/healthz\"")),
            ("no path", pool_with("health = { interval = \"1s\" }")),
            ("a path without its slash", pool_with("health.path = \"healthz\"")),
            ("an absolute form, spaces, a fragment", {
                let pools = ["http://a/", "/a b", "/#a"].map(|path| format!("health.path = \"{path}\""));
                let more = |n: usize| format!("[pools.p{n}]\nupstreams = [\"http://a:1\"]\n{}\n", pools[n]);
                pool_with(&pools[0]) + &more(1) + &more(2)
            }),
            (
                "out of range",
                pool_with(
                    "health = { path = \"/\", interval = \"99ms\", timeout = \"0s\", rise = 0, fall = 11, status = 199 }",
                ),
            ),
            ("a status that is no range", pool_with("health = { path = \"/\", status = \"2xx\" }")),
            ("more than one status", pool_with("health = { path = \"/\", status = \"200,204\" }")),
            ("a range upside down", pool_with("health = { path = \"/\", status = \"299-200\" }")),
            ("a range too wide", pool_with("health = { path = \"/\", status = \"100-600\" }")),
            ("a host in other letters", pool_with("health = { path = \"/\", host = \"bücher.example\" }")),
            (
                "what becomes of a pool that is down",
                pool_with("health = { path = \"/\", all_down = \"refused\" }"),
            ),
            ("an unknown key", pool_with("health = { path = \"/\", intervall = \"1s\" }")),
        ],
    );
}

#[test]
fn outliers() {
    snapshot(
        "outliers",
        [
            ("true", pool_with("outliers = true")),
            (
                "out of range",
                pool_with("outliers = { consecutive = 0, ejection = \"0s\", max_ejected = 101 }"),
            ),
            (
                "a failure rate out of range",
                pool_with("outliers.failure_rate = { percent = 0, requests = 0, window = \"1ms\" }"),
            ),
            ("a failure rate in a number", pool_with("outliers = { failure_rate = 50 }")),
            ("longer than the longest", pool_with("outliers = { ejection = \"10m\" }")),
            ("an unknown key", pool_with("outliers = { consecutiv = 5 }")),
            ("a slow start without unit", pool_with("slow_start = 30")),
            ("a slow start that is on", pool_with("slow_start = true")),
        ],
    );
}

#[test]
fn protocols() {
    snapshot(
        "protocols",
        [
            ("one that there isn't", pool_with("protocol = \"http3\"")),
            ("another spelling", pool_with("protocol = \"h2\"")),
            ("a number", pool_with("protocol = 2")),
            ("a case in capitals", pool_with("header_case = \"Title\"")),
            ("title case over HTTP/2", pool_with("header_case = \"title\"\nprotocol = \"http2\"")),
            ("a version that there isn't", pool_with("send_proxy = \"v3\"")),
            ("whether and not which", pool_with("send_proxy = true")),
            (
                "a client's address on an HTTP/2 connection",
                pool_with("send_proxy = \"v2\"\nprotocol = \"http2\""),
            ),
        ],
    );
}

#[test]
fn retries_and_capacity() {
    snapshot(
        "retries_and_capacity",
        [
            ("retries in a number", pool_with("retries = 2")),
            (
                "out of range",
                pool_with("retries = { attempts = 0, budget_percent = 101, budget_min_per_second = 1001 }"),
            ),
            ("strange statuses", pool_with("retries.statuses = [200, \"503\", 503, 600]")),
            ("one status", pool_with("retries.statuses = 503")),
            ("longer than the longest", pool_with("retries = { backoff = \"1s\", max_backoff = \"10ms\" }")),
            ("an unknown key", pool_with("retries = { attempt = 1 }")),
            ("no room", pool_with("max_in_flight = 0")),
            ("a queue without max_in_flight", pool_with("queue = { size = 10 }")),
            (
                "a queue out of range",
                pool_with("max_in_flight = 1\nqueue = { size = 100_001, timeout = \"1y 1d\", sise = 1 }"),
            ),
        ],
    );
}

#[test]
fn hedge() {
    snapshot(
        "hedge",
        [
            ("a time alone", pool_with("hedge = \"50ms\"")),
            ("no after", pool_with("hedge = {}")),
            ("a number", pool_with("hedge.after = 50")),
            ("half of a percentile", pool_with("hedge.after = \"p\"")),
            ("a percentile out of range", pool_with("hedge.after = \"p100\"")),
            ("off", pool_with("hedge.after = \"off\"")),
            (
                "out of range",
                pool_with("hedge = { after = \"0s\", budget_percent = 101, budget_min_per_second = 1001 }"),
            ),
            ("an unknown key", pool_with("hedge = { after = \"p95\", budget = 5 }")),
        ],
    );
}

#[test]
fn connections() {
    snapshot(
        "connections",
        [
            ("a number", pool_with("connections = 100")),
            ("none", pool_with("connections.max = 0")),
            ("a queue without max", pool_with("connections.queue.size = 10")),
            (
                "out of range",
                pool_with(
                    "connections = { max_idle = 10_001, idle_timeout = \"0s\", max_age = 60, max_uses = 0 }",
                ),
            ),
            ("an unknown key", pool_with("connections = { max_use = 1 }")),
            ("a ping that never comes to rest", pool_with("connections.ping = \"0s\"")),
        ],
    );
}

#[test]
fn timeouts() {
    snapshot(
        "timeouts",
        [
            ("a text", pool_with("timeouts = \"5s\"")),
            (
                "what a pool can't have",
                pool_with(
                    "timeouts = { request = \"5s\", request_head = \"5s\", keep_alive = \"5s\", shutdown = \"5s\" }",
                ),
            ),
            ("a connect without an end", pool_with("timeouts.connect = \"off\"")),
            ("an unknown key", pool_with("timeouts = { respons_head = \"5s\" }")),
            (
                "off where something must end",
                pool_with("max_in_flight = 1\nqueue.timeout = \"off\"\nconnections.idle_timeout = \"off\""),
            ),
        ],
    );
}

#[test]
fn tls() {
    let over_tls = |lines: &str| pool_with(lines).replace("http://", "https://");
    snapshot(
        "tls",
        [
            ("a text", over_tls("tls = \"ca.pem\"")),
            ("no such file", over_tls("tls.ca_file = \"missing.pem\"")),
            (
                "files without what is looked for",
                over_tls("tls = { client_cert = \"Cargo.toml\", client_key = \"Cargo.toml\" }"),
            ),
            ("a certificate without its key", over_tls("tls.client_cert = \"Cargo.toml\"")),
            ("a name in other letters", over_tls("tls.server_name = \"bücher.example\"")),
            ("no name of a host", over_tls("tls.server_name = \"app example\"")),
            ("not a text", over_tls("tls = { ca_file = true, server_name = 7 }")),
            ("an unknown key", over_tls("tls = { ca = \"ca.pem\" }")),
        ],
    );
}

#[test]
fn affinity() {
    snapshot(
        "affinity",
        [
            (
                "the cookie of another pool",
                pool_with("affinity.cookie = \"gw\"")
                    + "[pools.other]\nupstreams = [\"http://a:1\"]\naffinity.cookie = \"gw\"\n",
            ),
            ("a text", pool_with("affinity = \"gw\"")),
            ("no cookie", pool_with("affinity = { secret = \"${GW_SECRET}\" }")),
            ("no cookie's name", pool_with("affinity.cookie = \"gate way\"")),
            ("a short secret", pool_with("affinity = { cookie = \"gw\", secret = \"s3cr3t\" }")),
            ("no secret", pool_with("affinity = { cookie = \"gw\", secret = 7 }")),
            ("a shell's variable", pool_with("affinity = { cookie = \"gw\", secret = \"$GW_SECRET\" }")),
            ("a variable too short", pool_with("affinity = { cookie = \"gw\", secret = \"${GARBAGE}\" }")),
            (
                "none and two of what there must be one",
                pool_with("affinity = { cookie = \"gw\", secret = {} }")
                    + "[pools.b]\nupstreams = [\"http://a:1\"]\naffinity = { cookie = \"gw\", secret = { env = \"GW_SECRET\", file = \"/dev/null\" } }\n",
            ),
            ("none without secure", pool_with("affinity = { cookie = \"gw\", same_site = \"none\" }")),
            (
                "strange attributes",
                pool_with(
                    "affinity = { cookie = \"gw\", max_age = 3600, secure = \"yes\", same_site = \"Lax\" }",
                ),
            ),
            ("an unknown key", pool_with("affinity = { cookie = \"gw\", samesite = \"lax\" }")),
        ],
    );
}
