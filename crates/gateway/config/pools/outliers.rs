//! `outliers`: when an upstream that fails requests is ejected.

use std::time::Duration;

use crate::config::model::{FailureRate, Outliers};
use crate::config::report::Report;
use crate::config::section::Section;
use crate::config::values;

const OUTLIERS: &str = "a table such as { consecutive = 5 }, or false";
const FAILURE_RATE: &str = "a table such as { percent = 50, requests = 20, window = \"10s\" }";
const SHORTEST_WINDOW: Duration = Duration::from_millis(100);

pub(super) fn outliers(pool: &mut Section<'_>, report: &mut Report) -> Option<Outliers> {
    let default = Outliers::default();
    let Some(value) = pool.take("outliers") else { return Some(default) };
    if values::is_false(&value) {
        return None;
    }
    let mut section = report.keep(Section::open(pool.path_to("outliers"), value, OUTLIERS))?;
    let consecutive = section.read("consecutive", report, values::count(1..=1000));
    let failure_rate = failure_rate(&mut section, report);
    let ejection = section.read("ejection", report, values::duration);
    let max_ejection = section.read("max_ejection", report, values::duration);
    let max_ejected = section.read("max_ejected", report, values::count(0..=100));
    let outliers = Outliers {
        consecutive: consecutive.unwrap_or(default.consecutive),
        failure_rate,
        ejection: ejection.unwrap_or(default.ejection),
        max_ejection: max_ejection.unwrap_or(default.max_ejection),
        max_ejected: max_ejected.unwrap_or(default.max_ejected),
    };
    if outliers.ejection > outliers.max_ejection {
        let problem = section.problem("ejection is longer than max_ejection");
        report.error(problem.expecting("a max_ejection (by default 5m) that is no shorter"));
    }
    section.finish(report);
    Some(outliers)
}

fn failure_rate(outliers: &mut Section<'_>, report: &mut Report) -> Option<FailureRate> {
    let default = FailureRate::default();
    let mut section = outliers.section("failure_rate", report, FAILURE_RATE)?;
    let percent = section.read("percent", report, values::count(1..=100));
    let requests = section.read("requests", report, values::count(1..=1_000_000));
    let window = section.read("window", report, values::duration_from(SHORTEST_WINDOW));
    section.finish(report);
    Some(FailureRate {
        percent: percent.unwrap_or(default.percent),
        requests: requests.unwrap_or(default.requests),
        window: window.unwrap_or(default.window),
    })
}
