//! The names of what is scraped are those of docs/metrics.md.

use std::collections::BTreeSet;

use gateway::observe::metrics::Exposition;

use super::scraped::{Scraped, routes_to};
use crate::support::gateway::TestGateway;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};

/// Name, type, labels and unit of each row of the table.
pub(super) fn documented() -> Vec<[String; 4]> {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/metrics.md")).unwrap();
    let (_, table) = page.split_once("\n## All of them\n").unwrap();
    let rows =
        table.lines().take_while(|line| !line.starts_with("## ")).filter(|line| line.starts_with("| `"));
    let cells = rows.map(|row| row.split('|').map(|cell| cell.replace('`', "").trim().to_owned()));
    cells.map(|cells| cells.skip(1).take(4).collect::<Vec<_>>().try_into().unwrap()).collect()
}

#[tokio::test]
async fn what_is_scraped_is_what_the_page_says() {
    let upstream = RecordingUpstream::start(|_| Script::ok("answer")).await;
    let gateway = TestGateway::start(&routes_to(upstream.addr()));
    RawClient::connect(gateway.addr).await.get("/api/x").await;
    let scraped = Scraped::from(&gateway.handle);
    let mut seen = BTreeSet::new();
    for [name, kind, labels, unit] in documented() {
        let family = if kind == "counter" { name.strip_suffix("_total").unwrap() } else { &name };
        assert_eq!(scraped.types.get(family), Some(&kind), "{name}");
        assert_eq!(scraped.units.get(family).map_or("", String::as_str), unit, "{name}");
        let used = scraped.labels(family);
        let expected: BTreeSet<&str> = labels.split(", ").filter(|label| !label.is_empty()).collect();
        let expected: BTreeSet<&str> =
            if kind == "histogram" { expected.into_iter().chain(["le"]).collect() } else { expected };
        assert!(used.is_empty() || used == expected, "{name}: {used:?}");
        seen.insert(family.to_owned());
    }
    let scraped: BTreeSet<String> = scraped.types.into_keys().collect();
    assert_eq!(scraped, seen);
}

#[tokio::test]
async fn both_formats_say_the_same() {
    let upstream = RecordingUpstream::start(|_| Script::ok("answer")).await;
    let gateway = TestGateway::start(&routes_to(upstream.addr()));
    RawClient::connect(gateway.addr).await.get("/api/x").await;
    let plain = gateway.handle.metrics(Exposition::Plain);
    assert!(!plain.contains("# EOF") && !plain.contains("# UNIT"));
    let names = |text: &str| -> BTreeSet<String> {
        let samples = text.lines().filter(|line| !line.starts_with('#'));
        samples.map(|line| line.split(['{', ' ']).next().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&plain), names(&gateway.handle.metrics(Exposition::OpenMetrics)));
}
