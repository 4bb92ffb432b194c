//! Which requests are sent again: every method, every stage at which the first upstream fails, and every retry rule,
//! over two upstreams that count. Whatever the rule and the stage, **a POST is never sent twice once a byte of it was
//! sent**.
//!
//! The first upstream fails every request in one way, the second answers. One line is printed for each method and
//! stage.

mod cell;
mod stage;
mod table;

use cell::{Cell, Outcome};
use table::{RULES, Row, TABLE};

use crate::support::ask::Shape;
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn method_by_stage_by_rule() {
    let mut wrong = Vec::new();
    for row in TABLE {
        for (shape, outcomes) in row.shapes.iter().zip(outcomes(row).await) {
            let line = line(row, *shape, outcomes);
            eprintln!("{line}");
            if outcomes != row.outcomes {
                wrong.push(format!("{line}\n  not: {:?}", row.outcomes.map(|outcome| outcome.to_string())));
            }
            if matches!(shape.method, "POST" | "PATCH") {
                assert!(outcomes.iter().all(|outcome| outcome.sent <= 1), "sent twice: {line}");
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The outcome of each shape of a row under each rule. All gateways are set up first, and then asked at once, because
/// waiting for an upstream that doesn't answer takes a second.
async fn outcomes(row: &Row) -> Vec<[Outcome; RULES.len()]> {
    let mut asking = JoinSet::new();
    for (at, shape) in row.shapes.iter().enumerate() {
        for (rule, keys) in RULES.into_iter().enumerate() {
            let cell = Cell::start(row.stage, *shape, keys).await;
            asking.spawn(async move { (at, rule, cell.ask().await) });
        }
    }
    let mut outcomes = vec![[Outcome::default(); RULES.len()]; row.shapes.len()];
    for (at, rule, outcome) in asking.join_all().await {
        outcomes[at][rule] = outcome;
    }
    outcomes
}

fn line(row: &Row, shape: Shape, outcomes: [Outcome; RULES.len()]) -> String {
    let body = if shape.text().is_empty() { "" } else { "with a body" };
    let outcomes = outcomes.map(|outcome| format!("{outcome:10}")).join(" | ");
    format!("{:42} {:7} {body:11} | {outcomes}", row.stage.name(), shape.method)
}
