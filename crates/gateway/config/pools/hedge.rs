//! `hedge`: when a request goes to a second upstream while the first one doesn't answer.

use crate::config::model::{Hedge, HedgeAfter};
use crate::config::report::{Problem, Report};
use crate::config::section::Section;
use crate::config::values::{self, Value};

const HEDGE: &str = "a table such as { after = \"p95\", budget_percent = 5 }";
const AFTER: &str = "\"p50\" to \"p99\", of the answers of the pool, or a duration such as \"50ms\"";

/// Reads `hedge`. `None` if it is missing, or has no valid `after`.
pub(super) fn hedge(pool: &mut Section<'_>, report: &mut Report) -> Option<Hedge> {
    let mut section = pool.section("hedge", report, HEDGE)?;
    if !section.has("after") {
        report.error(section.problem("has no after").expecting("after = \"p95\""));
    }
    let after = section.read("after", report, after);
    let budget_percent = section.read("budget_percent", report, values::count(0..=100));
    let budget_min_per_second = section.read("budget_min_per_second", report, values::count(0..=1000));
    section.finish(report);
    Some(Hedge {
        after: after?,
        budget_percent: budget_percent.unwrap_or(5),
        budget_min_per_second: budget_min_per_second.unwrap_or(1),
    })
}

fn after(value: &Value<'_>) -> Result<HedgeAfter, Problem> {
    let text = values::text(value, AFTER)?;
    match text.strip_prefix('p').map(str::parse) {
        Some(Ok(percent @ 50..=99)) => Ok(HedgeAfter::Percentile(percent)),
        Some(_) => {
            let message = format!("{} is no percentile from p50 to p99", values::quoted(text));
            Err(Problem::new(value.span(), message).expecting(AFTER))
        }
        None => values::duration(value).map(HedgeAfter::Time),
    }
}
