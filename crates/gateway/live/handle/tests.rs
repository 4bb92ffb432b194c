use std::collections::BTreeSet;

use super::*;
use crate::observe::metrics::written_by;

/// The rows of the table of all metrics: name, type, labels and unit.
fn documented() -> BTreeSet<[String; 4]> {
    let page = include_str!("../../../../docs/metrics.md");
    let (_, table) = page.split_once("\n## All of them\n").unwrap();
    let rows =
        table.lines().take_while(|line| !line.starts_with("## ")).filter(|line| line.starts_with("| `"));
    let cells = rows.map(|row| row.split('|').map(|cell| cell.replace('`', "").trim().to_owned()));
    cells.map(|cells| cells.skip(1).take(4).collect::<Vec<_>>().try_into().unwrap()).collect()
}

#[test]
fn the_page_has_all_metrics_and_no_others() {
    let config = Config::default_demo();
    let handle = Handle::new(config, Tunnels::default(), Shutdown::new()).unwrap();
    let rows = written_by(|| handle.metrics(Exposition::Plain));
    let known: BTreeSet<_> = rows.iter().cloned().collect();
    assert_eq!(known.len(), rows.len(), "a name twice");
    let documented = documented();
    let differing: Vec<_> = known.symmetric_difference(&documented).collect();
    assert!(differing.is_empty(), "in the code or on the page, but not in both: {differing:#?}");
}
