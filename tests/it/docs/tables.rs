//! Tables that repeat what the code has: each failure's facts, and the defaults.

use std::collections::BTreeSet;

use proxy_service::{ErrorKind, Side};

use super::tree::Tree;

/// All of them but three: one that is never answered, one that breaks an answer off, and one that is no failure.
const FAILURES: [ErrorKind; 30] = [
    ErrorKind::DnsTimeout,
    ErrorKind::DnsError,
    ErrorKind::DestinationUnavailable,
    ErrorKind::DestinationIpUnroutable,
    ErrorKind::ConnectionRefused,
    ErrorKind::ConnectionTerminated,
    ErrorKind::ConnectionTimeout,
    ErrorKind::ConnectionLimitReached,
    ErrorKind::TlsProtocolError,
    ErrorKind::TlsCertificateError,
    ErrorKind::BadRequest,
    ErrorKind::MethodNotAllowed,
    ErrorKind::RequestTimeout,
    ErrorKind::TooManyRequests,
    ErrorKind::ContentTooLarge,
    ErrorKind::TargetTooLong,
    ErrorKind::HeadTooLarge,
    ErrorKind::ExpectationFailed,
    ErrorKind::UnknownTransferCoding,
    ErrorKind::UnknownVersion,
    ErrorKind::HttpResponseHeaderSectionSize,
    ErrorKind::HttpResponseTransferCoding,
    ErrorKind::HttpResponseTimeout,
    ErrorKind::DeadlineExceeded,
    ErrorKind::HttpUpgradeFailed,
    ErrorKind::UpgradeUnavailable,
    ErrorKind::Http1Unavailable,
    ErrorKind::HttpProtocolError,
    ErrorKind::ProxyInternalError,
    ErrorKind::ProxyLoopDetected,
];

/// A status, an error of `Proxy-Status`, a status of gRPC, and whose failure it is.
type Facts = (u16, String, u8, &'static str);

fn facts(kind: ErrorKind) -> Facts {
    let side = match kind.side() {
        Side::Client => "client",
        Side::Upstream => "upstream",
        Side::Gateway => "gateway",
    };
    (kind.status().as_u16(), kind.name().to_owned(), kind.grpc_status(), side)
}

/// The cells of each row of a page's tables.
fn rows(page: &str) -> Vec<Vec<String>> {
    let tree = Tree::of_the_repository();
    let lines = tree.text(page).unwrap_or_else(|| panic!("no {page}")).lines();
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    lines.filter(|line| line.starts_with('|')).map(cells).collect()
}

#[test]
fn each_failure_has_the_facts_that_the_code_has() {
    let stated = rows("docs/behaviour/failures.md").into_iter().filter_map(|row| {
        let [_, status, name, grpc, side, _] = &row[..] else { return None };
        let side = ["client", "upstream", "gateway"].into_iter().find(|known| known == side)?;
        Some((status.parse().ok()?, name.trim_matches('`').to_owned(), grpc.parse().ok()?, side))
    });
    let stated: BTreeSet<Facts> = stated.collect();
    let known: BTreeSet<Facts> = FAILURES.map(facts).into();
    assert_eq!(stated, known);
}

/// `examples/gateway.toml` has them, too; that it has those of the code is a test of the configuration.
#[test]
fn each_default_is_the_one_of_the_example() {
    let example =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/gateway.toml")).unwrap();
    let mut compared = 0;
    for row in rows("docs/behaviour/limits.md") {
        let [key, default, ..] = &row[..] else { continue };
        let Some(key) = key.split('`').nth(1).and_then(|key| key.rsplit('.').next()) else { continue };
        let Some(set) = example.lines().find_map(|line| value_of(key, line)) else { continue };
        assert_eq!(as_set(default), set, "{key}");
        compared += 1;
    }
    assert!(compared >= 16, "{compared}");
}

/// What a line of the example sets a key to, without quotes; one that is off by default begins with `#`.
fn value_of(key: &str, line: &str) -> Option<String> {
    let rest = line.strip_prefix(key)?.trim_start().strip_prefix('=')?;
    let value = rest.split('#').next().unwrap_or_default();
    Some(value.trim().trim_matches('"').to_owned())
}

/// `10 000, at most ...` as `10000`, and `5 min` as `5m`.
fn as_set(default: &str) -> String {
    let first = default.split([',', ';']).next().unwrap_or_default();
    let first = first.split(" for ").next().unwrap_or_default();
    first.replace("min", "m").replace(' ', "")
}
