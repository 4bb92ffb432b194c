//! `upstreams`: where the endpoints of a pool are, their weights and their tiers.

use std::collections::HashSet;
use std::num::NonZeroU16;

use toml::Spanned;
use toml::de::DeValue;

use super::location::{Lookups, file, location};
use super::target::UPSTREAM;
use crate::config::context::Context;
use crate::config::model::Upstream;
use crate::config::report::{Problem, Report};
use crate::config::section::Section;
use crate::config::values::{self, Value};

const UPSTREAMS: &str = "an array of upstreams, such as [\"http://127.0.0.1:9001\"], or { file = \"…\" }";
const HEAVIEST: u64 = 1000;
/// The tier of `backup = true`, which is behind all others.
const BACKUP: u8 = u8::MAX;

pub(super) fn upstreams(pool: &mut Section<'_>, context: &Context<'_>, report: &mut Report) -> Vec<Upstream> {
    let lookups = pool.read("resolve", report, Lookups::read).unwrap_or_default();
    if !pool.has("upstreams") {
        report.error(pool.problem("has no upstreams").expecting("upstreams = [\"http://HOST[:PORT]\"]"));
    }
    let path = pool.path_to("upstreams");
    let reader = Reader { lookups, context };
    let Some(value) = pool.take("upstreams") else { return Vec::new() };
    if value.get_ref().is_table() {
        return reader.upstream(path, value, report).into_iter().collect();
    }
    let list = values::list(value, UPSTREAMS).map_err(|problem| problem.about(&path));
    report.keep(list).map_or_else(Vec::new, |list| reader.list(&path, list, report))
}

/// What is needed to read an upstream, besides its value.
struct Reader<'a> {
    lookups: Lookups,
    context: &'a Context<'a>,
}

impl Reader<'_> {
    fn list(&self, path: &str, list: Spanned<Vec<Value<'_>>>, report: &mut Report) -> Vec<Upstream> {
        if list.get_ref().is_empty() {
            report
                .error(Problem::new(list.span(), "is empty").expecting("at least one upstream").about(path));
        }
        let mut seen = HashSet::new();
        let mut upstreams = Vec::new();
        for (index, value) in list.into_inner().into_iter().enumerate() {
            let span = value.span();
            let Some(upstream) = self.upstream(format!("{path}[{index}]"), value, report) else { continue };
            if !seen.insert(upstream.location.clone()) {
                let message = format!("the upstream {} stands in this pool twice", upstream.location);
                let expected = "each upstream once; its share is its weight";
                report.error(Problem::new(span, message).expecting(expected));
            }
            upstreams.push(upstream);
        }
        upstreams
    }

    fn upstream(&self, path: String, value: Value<'_>, report: &mut Report) -> Option<Upstream> {
        if !matches!(value.get_ref(), DeValue::Table(_)) {
            let location =
                location(&value, self.lookups, self.context).map_err(|problem| problem.about(&path));
            return Some(Upstream { location: report.keep(location)?, weight: NonZeroU16::MIN, priority: 0 });
        }
        let mut section = report.keep(Section::open(path, value, UPSTREAM))?;
        if section.has("url") == section.has("file") {
            let message = if section.has("url") { "has both a url and a file" } else { "has no url or file" };
            report.error(section.problem(message).expecting(UPSTREAM));
        }
        let url = section.read("url", report, |value| location(value, self.lookups, self.context));
        let file = section.read("file", report, |value| file(value, self.context));
        let weight = section.read("weight", report, values::count::<u16>(1..=HEAVIEST));
        let priority = priority(&mut section, report);
        section.finish(report);
        let weight = weight.and_then(NonZeroU16::new).unwrap_or(NonZeroU16::MIN);
        Some(Upstream { location: url.or(file)?, weight, priority })
    }
}

fn priority(upstream: &mut Section<'_>, report: &mut Report) -> u8 {
    let has_priority = upstream.has("priority");
    let priority = upstream.read("priority", report, values::count(0..=u64::from(BACKUP) - 1)).unwrap_or(0);
    let is_backup = upstream.read("backup", report, |value| match values::boolean(value)? {
        true if has_priority => Err(Problem::new(value.span(), "a backup has the last priority already")
            .expecting("priority or backup = true, not both")),
        is_backup => Ok(is_backup),
    });
    if is_backup == Some(true) { BACKUP } else { priority }
}
