//! Which requests a route takes: the conditions of `[[route]]`.

use std::ops::Range;

use crate::config::model::Matching;
use crate::config::prefix;
use crate::config::report::Report;
use crate::config::section::Section;
use crate::config::values;

const PREFIX: &str = "a path prefix, such as \"/api\"";

/// Reads the conditions, and says where the path stands. If they aren't valid it is a path that no other route has.
pub(super) fn matching(section: &mut Section<'_>, report: &mut Report) -> (Range<usize>, Matching) {
    let prefix = section.read("prefix", report, |value| {
        let prefix = values::text(value, PREFIX)?;
        prefix::check(prefix, &value.span())?;
        Ok((value.span(), prefix.to_owned()))
    });
    match prefix {
        Some((span, prefix)) => (span, Matching::below(prefix)),
        None => {
            report.error(section.problem("says not which paths it takes").expecting("prefix = \"/PATH\""));
            (0..0, Matching::below(String::new()))
        }
    }
}
