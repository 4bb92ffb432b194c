//! `retries`: when a failed request is sent again.

use http::StatusCode;

use crate::config::model::Retries;
use crate::config::report::{Problem, Report};
use crate::config::section::Section;
use crate::config::values::{self, Value};

const RETRIES: &str = "a table such as { attempts = 1 }";
const STATUSES: &str = "an array of statuses, such as [502, 503, 504]";

pub(super) fn retries(pool: &mut Section<'_>, report: &mut Report) -> Option<Retries> {
    let default = Retries::default();
    let mut section = pool.section("retries", report, RETRIES)?;
    let attempts = section.read("attempts", report, values::count(1..=5));
    let statuses = statuses(&mut section, report);
    let per_try_timeout = section.read("per_try_timeout", report, values::duration_or_off).flatten();
    let budget_percent = section.read("budget_percent", report, values::count(0..=100));
    let budget_min_per_second = section.read("budget_min_per_second", report, values::count(0..=1000));
    let backoff = section.read("backoff", report, values::duration);
    let max_backoff = section.read("max_backoff", report, values::duration);
    let retries = Retries {
        attempts: attempts.unwrap_or(default.attempts),
        statuses: statuses.unwrap_or(default.statuses),
        per_try_timeout,
        budget_percent: budget_percent.unwrap_or(default.budget_percent),
        budget_min_per_second: budget_min_per_second.unwrap_or(default.budget_min_per_second),
        backoff: backoff.unwrap_or(default.backoff),
        max_backoff: max_backoff.unwrap_or(default.max_backoff),
    };
    if retries.backoff > retries.max_backoff {
        let problem = section.problem("backoff is longer than max_backoff");
        report.error(problem.expecting("a max_backoff (by default 250ms) that is no shorter"));
    }
    section.finish(report);
    Some(retries)
}

fn statuses(retries: &mut Section<'_>, report: &mut Report) -> Option<Vec<StatusCode>> {
    let path = retries.path_to("statuses");
    let items = retries.list("statuses", report, STATUSES)?.into_inner();
    let read = |value| report.keep(status(value).map_err(|problem| problem.about(&path)));
    let mut statuses: Vec<_> = items.iter().filter_map(read).collect();
    statuses.sort_unstable();
    statuses.dedup();
    Some(statuses)
}

fn status(value: &Value<'_>) -> Result<StatusCode, Problem> {
    let code: u16 = values::count(400..=599)(value)?;
    StatusCode::from_u16(code).map_err(|invalid| Problem::new(value.span(), invalid.to_string()))
}
