//! `hsts`: for how long browsers use nothing but `https`.

use std::time::Duration;

use toml::de::DeValue;

use crate::config::model::Hsts;
use crate::config::report::Report;
use crate::config::section::Section;
use crate::config::values;

const HSTS: &str = "a duration such as \"365d\", or a table such as { max_age = \"365d\" }";

/// What the browsers' own lists ask for.
const PRELOADED: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Reads `hsts`: a duration, or a table with more.
pub(super) fn hsts(tls: &mut Section<'_>, report: &mut Report) -> Option<Hsts> {
    let value = tls.take("hsts")?;
    let path = tls.path_to("hsts");
    if !matches!(value.get_ref(), DeValue::Table(_)) {
        let max_age =
            values::duration_in_years(&value).map_err(|problem| problem.about(&path).expecting(HSTS));
        return Some(Hsts { max_age: report.keep(max_age)?, include_subdomains: false, preload: false });
    }
    let mut section = report.keep(Section::open(path, value, HSTS))?;
    if !section.has("max_age") {
        report.error(section.problem("has no max_age").expecting(HSTS));
    }
    let max_age = section.read("max_age", report, values::duration_in_years);
    let include_subdomains = section.read("include_subdomains", report, values::boolean).unwrap_or(false);
    let preload = section.read("preload", report, values::boolean).unwrap_or(false);
    if preload && (!include_subdomains || max_age.is_some_and(|max_age| max_age < PRELOADED)) {
        let problem = section.problem("the browsers' lists don't take this host");
        report.warning(problem.expecting("include_subdomains = true and a max_age of at least 365d"));
    }
    section.finish(report);
    Some(Hsts { max_age: max_age?, include_subdomains, preload })
}
