//! `[pools.NAME]`: the upstreams.

use std::collections::HashSet;
use std::num::NonZeroU16;
use std::ops::Range;

use proxy_service::Target;
use toml::de::DeValue;

use super::context::{Context, reference};
use super::model::{Pool, Route, Upstream};
use super::report::{Problem, Report, Visibility};
use super::section::Section;
use super::suggest::nearest;
use super::values::{self, Value};

const POOLS: &str = "a table of pools: [pools.NAME]";
const POOL: &str = "a table: [pools.NAME] with upstreams";
const UPSTREAMS: &str = "an array of upstreams, such as [\"http://127.0.0.1:9001\"]";
const UPSTREAM: &str = "\"http://HOST[:PORT][/BASE]\" or { url = \"…\", weight = 2 }";
const MOST_FAILOVERS: u64 = 10;
const HEAVIEST: u64 = 1000;

/// The pools of a file, ordered by name, and where each is named.
#[derive(Debug)]
pub(super) struct Pools {
    named: Vec<(Range<usize>, Pool)>,
}

impl Pools {
    /// The index of the pool that `value` names.
    pub(super) fn find(&self, value: &Value<'_>) -> Result<usize, Problem> {
        let name = values::text(value, "the name of a pool")?;
        self.named.binary_search_by(|(_, pool)| pool.name.as_str().cmp(name)).map_err(|_| {
            Problem::new(value.span(), format!("unknown pool {}", values::quoted(name)))
                .expecting(self.candidates(name))
        })
    }

    fn candidates(&self, name: &str) -> String {
        const MOST_LISTED: usize = 20;
        let names = || self.named.iter().map(|(_, pool)| pool.name.as_str()).take(MOST_LISTED);
        if self.named.is_empty() {
            return "the name of a pool, but there is no [pools.NAME]".to_owned();
        }
        let more = if self.named.len() > MOST_LISTED { ", …" } else { "" };
        let listed = format!("one of {}{more}", names().collect::<Vec<_>>().join(", "));
        match nearest(name, names()) {
            Some(suggestion) => format!("{listed} (did you mean {suggestion}?)"),
            None => listed,
        }
    }

    pub(super) fn warn_of_unused(&self, routes: &[Route], report: &mut Report) {
        let used: HashSet<usize> = routes.iter().map(|route| route.pool).collect();
        for (_, (span, pool)) in self.named.iter().enumerate().filter(|(index, _)| !used.contains(index)) {
            let problem = Problem::new(span.clone(), format!("no route uses the pool {}", pool.name));
            report.warning(problem);
        }
    }

    pub(super) fn into_list(self) -> Vec<Pool> {
        self.named.into_iter().map(|(_, pool)| pool).collect()
    }
}

pub(super) fn pools(root: &mut Section<'_>, context: &Context<'_>, report: &mut Report) -> Pools {
    let sections = root.named_sections("pools", POOLS, POOL, report);
    let mut named: Vec<_> = sections
        .into_iter()
        .map(|(name, section)| {
            let span = name.span();
            let name = name.into_inner().into_owned();
            report.keep(check_name(&name, &span));
            (span, pool(name, section, context, report))
        })
        .collect();
    named.sort_by(|(_, a), (_, b)| a.name.cmp(&b.name));
    Pools { named }
}

fn check_name(name: &str, span: &Range<usize>) -> Result<(), Problem> {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if !name.is_empty() && name.len() <= 64 && name.bytes().all(is_plain) {
        return Ok(());
    }
    let message = format!("{} is no name for a pool", values::quoted(name));
    Err(Problem::new(span.clone(), message).expecting("1 to 64 ASCII letters, digits, - and _"))
}

fn pool(name: String, mut section: Section<'_>, context: &Context<'_>, report: &mut Report) -> Pool {
    let upstreams = upstreams(&mut section, context, report);
    let failover = section.read("failover", report, values::count(0..=MOST_FAILOVERS)).unwrap_or(1);
    section.finish(report);
    Pool { name, upstreams, failover }
}

fn upstreams(pool: &mut Section<'_>, context: &Context<'_>, report: &mut Report) -> Vec<Upstream> {
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
    let expanded = context.expand(text).map_err(|refusal| refusal.at(value.span()))?;
    if expanded.contains('@') {
        let problem = refuse("an upstream's URL can't hold a user or a password".to_owned());
        return Err(problem.expecting("http://HOST[:PORT][/BASE]").shown_as(Visibility::Masked));
    }
    expanded.parse::<Target>().map_err(|invalid| match reference(text) {
        Some(name) => refuse(format!("the value of {name} is no upstream")).expecting(UPSTREAM),
        None => refuse(invalid.to_string()),
    })
}
