//! What a route changes of a request's target.

use proxy_service::HostPolicy;

use crate::config::model::Rewrite;
use crate::config::report::{Problem, Report};
use crate::config::section::Section;
use crate::config::values::{self, Value};

const HOST: &str = "\"target\" or \"preserve\"";

pub(super) fn rewrite(section: &mut Section<'_>, report: &mut Report) -> Rewrite {
    Rewrite { host: section.read("upstream_host", report, host_policy).unwrap_or_default() }
}

/// Reads `host` of the short form, where it isn't a condition.
pub(super) fn host(section: &mut Section<'_>, report: &mut Report) -> Option<HostPolicy> {
    section.read("host", report, host_policy)
}

fn host_policy(value: &Value<'_>) -> Result<HostPolicy, Problem> {
    match values::text(value, HOST)? {
        "target" => Ok(HostPolicy::Target),
        "preserve" => Ok(HostPolicy::Preserve),
        other => Err(Problem::new(value.span(), format!("found {}", values::quoted(other))).expecting(HOST)),
    }
}
