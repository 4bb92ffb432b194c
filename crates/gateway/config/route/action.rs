//! What a route does with its requests.

use crate::config::model::Action;
use crate::config::pools::Pools;
use crate::config::report::Report;
use crate::config::section::Section;

/// Reads what the route does. If that isn't valid it gets the first pool, so that the rest can be checked; the route is
/// never used, since the file has an error.
pub(super) fn action(section: &mut Section<'_>, pools: &Pools, report: &mut Report) -> Action {
    if !section.has("pool") {
        report.error(section.problem("has no pool").expecting("pool = \"NAME\""));
    }
    Action::Pool(section.read("pool", report, |value| pools.find(value)).unwrap_or_default())
}
