//! `upstreams`: the URLs and weights of a pool's upstreams.

use std::collections::HashSet;
use std::num::NonZeroU16;

use toml::de::DeValue;

use super::target::{UPSTREAM, target};
use crate::config::context::Context;
use crate::config::model::Upstream;
use crate::config::report::{Problem, Report};
use crate::config::section::Section;
use crate::config::values::{self, Value};

const UPSTREAMS: &str = "an array of upstreams, such as [\"http://127.0.0.1:9001\"]";
const HEAVIEST: u64 = 1000;

pub(super) fn upstreams(pool: &mut Section<'_>, context: &Context<'_>, report: &mut Report) -> Vec<Upstream> {
    if !pool.has("upstreams") {
        report.error(pool.problem("has no upstreams").expecting("upstreams = [\"http://HOST[:PORT]\"]"));
    }
    let Some(list) = pool.list("upstreams", report, UPSTREAMS) else { return Vec::new() };
    let path = pool.path_to("upstreams");
    if list.get_ref().is_empty() {
        report.error(Problem::new(list.span(), "is empty").expecting("at least one upstream").about(&path));
    }
    let mut seen = HashSet::new();
    let mut upstreams = Vec::new();
    for (index, value) in list.into_inner().into_iter().enumerate() {
        let (span, path) = (value.span(), format!("{path}[{index}]"));
        let Some(upstream) = upstream(path, value, context, report) else { continue };
        if !seen.insert(upstream.target.clone()) {
            let message = format!("the upstream {} stands in this pool twice", upstream.target);
            report
                .error(Problem::new(span, message).expecting("each upstream once; its share is its weight"));
        }
        upstreams.push(upstream);
    }
    upstreams
}

fn upstream(path: String, value: Value<'_>, context: &Context<'_>, report: &mut Report) -> Option<Upstream> {
    match value.get_ref() {
        DeValue::Table(_) => {
            let mut section = report.keep(Section::open(path, value, UPSTREAM))?;
            if !section.has("url") {
                report.error(section.problem("has no url").expecting(UPSTREAM));
            }
            let target = section.read("url", report, |value| target(value, context));
            let weight = section.read("weight", report, values::count::<u16>(1..=HEAVIEST));
            section.finish(report);
            let weight = weight.and_then(NonZeroU16::new).unwrap_or(NonZeroU16::MIN);
            Some(Upstream { target: target?, weight })
        }
        _ => {
            let target = report.keep(target(&value, context).map_err(|problem| problem.about(&path)))?;
            Some(Upstream { target, weight: NonZeroU16::MIN })
        }
    }
}
