//! The dashboard and the alerts use metrics that there are.

use std::collections::BTreeSet;

use super::families::documented;

/// The names of metrics in a text: words that begin as ours do.
fn names(text: &str) -> BTreeSet<&str> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    words.filter(|word| word.starts_with("gateway_") || word.starts_with("process_")).collect()
}

/// All names that samples may have.
fn samples() -> BTreeSet<String> {
    let of = |[name, kind, ..]: [String; 4]| match &*kind {
        "histogram" => vec![format!("{name}_bucket"), format!("{name}_count"), format!("{name}_sum")],
        _ => vec![name],
    };
    documented().into_iter().flat_map(of).collect()
}

#[test]
fn dashboard_and_alerts_name_metrics_that_there_are() {
    for (file, least) in [("prometheus/alerts.yml", 10), ("grafana/gateway.json", 20)] {
        let path = format!("{}/examples/deploy/{file}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).unwrap();
        let (known, used) = (samples(), names(&text));
        assert!(used.len() >= least, "{file}: {used:?}");
        let unknown: Vec<_> = used.iter().filter(|name| !known.contains(**name)).collect();
        assert!(unknown.is_empty(), "{file}: {unknown:?}");
    }
}

#[test]
fn each_alert_is_explained() {
    let read =
        |file: &str| std::fs::read_to_string(format!("{}/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let (rules, page) = (read("examples/deploy/prometheus/alerts.yml"), read("docs/operating.md"));
    let alerts: BTreeSet<&str> =
        rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `Gateway")?.split('`').next());
    let explained: BTreeSet<String> = rows.map(|name| format!("Gateway{name}")).collect();
    assert_eq!(alerts, explained.iter().map(String::as_str).collect());
}
