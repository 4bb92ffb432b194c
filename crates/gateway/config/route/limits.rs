//! The limits of a route.

use crate::config::model::RouteLimits;
use crate::config::report::{Problem, Report};
use crate::config::section::Section;
use crate::config::values::{self, Value};

pub(super) fn limits(section: &mut Section<'_>, report: &mut Report) -> RouteLimits {
    RouteLimits { max_body: section.read("max_body", report, max_body) }
}

/// Reads `max_body`. 0 is refused: nginx takes it as "no limit", other proxies as "no body".
fn max_body(value: &Value<'_>) -> Result<u64, Problem> {
    match values::size(0..=u64::MAX)(value)? {
        0 => Err(Problem::new(value.span(), "0 bytes would be no body or no limit")
            .expecting("a size such as \"10MiB\", or no max_body for no limit")),
        size => Ok(size),
    }
}
