//! `upstreams`: where a pool's requests go.

use std::collections::HashSet;
use std::num::NonZeroU16;

use proxy_service::Target;
use toml::de::DeValue;

use crate::config::context::{Context, reference};
use crate::config::model::Upstream;
use crate::config::report::{Problem, Report, Visibility};
use crate::config::section::Section;
use crate::config::values::{self, Value};

const UPSTREAMS: &str = "an array of upstreams, such as [\"http://127.0.0.1:9001\"]";
const UPSTREAM: &str = "\"http://HOST[:PORT][/BASE]\" or { url = \"…\", weight = 2 }";
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

fn target(value: &Value<'_>, context: &Context<'_>) -> Result<Target, Problem> {
    let text = values::text(value, UPSTREAM)?;
    let refuse = |why: String| Problem::new(value.span(), why);
    let has_user = || {
        let problem = refuse("an upstream's URL can't hold a user or a password".to_owned());
        problem.expecting("http://HOST[:PORT][/BASE]").shown_as(Visibility::Masked)
    };
    if text.contains('@') {
        return Err(has_user());
    }
    let expanded = context.expand(text).map_err(|refusal| refusal.at(value.span()))?;
    if expanded.contains('@') {
        return Err(has_user());
    }
    expanded.parse::<Target>().map_err(|invalid| match reference(text) {
        Some(name) => refuse(format!("the value of {name} is no upstream")).expecting(UPSTREAM),
        None => refuse(invalid.to_string()),
    })
}
