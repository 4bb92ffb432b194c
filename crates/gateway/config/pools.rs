//! `[pools.NAME]`: upstreams that serve the same thing, and how requests are spread over them.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::time::Duration;

use super::context::Context;
use super::model::{Pool, Route, Timeouts};
use super::report::{Problem, Report};
use super::section::Section;
use super::suggest::nearest;
use super::timeouts::of_a_pool;
use super::values::{self, Value};

use affinity::affinity;
use balancing::balancing;
use capacity::capacity;
use connections::connections;
use health::health;
use hedge::hedge;
use outliers::outliers;
use protocol::{Protocol, protocol};
use retries::retries;
use upstreams::upstreams;

mod affinity;
mod balancing;
mod capacity;
mod connections;
pub(super) mod cookie;
mod health;
mod hedge;
mod location;
mod outliers;
mod protocol;
mod retries;
mod target;
#[cfg(feature = "tls")]
pub(super) mod tls;
mod upstreams;

const POOLS: &str = "a table of pools: [pools.NAME]";
const POOL: &str = "a table: [pools.NAME] with upstreams";
const MOST_FAILOVERS: u64 = 10;
const TIER_SHARE: u8 = 50;
const SLOW_START: Duration = Duration::from_secs(30);

/// The pools of a file, ordered by name, each with the place of its name in the file.
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

    /// The pool whose clients stay with their upstream by this cookie.
    pub(super) fn with_cookie(&self, cookie: &str) -> Option<&str> {
        let has_it = |pool: &&Pool| pool.affinity.as_ref().is_some_and(|affinity| affinity.cookie == cookie);
        self.named.iter().map(|(_, pool)| pool).find(has_it).map(|pool| pool.name.as_str())
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
        let used: HashSet<usize> = routes.iter().flat_map(Route::pools).collect();
        for (_, (span, pool)) in self.named.iter().enumerate().filter(|(index, _)| !used.contains(index)) {
            let problem = Problem::new(span.clone(), format!("no route uses the pool {}", pool.name));
            report.warning(problem);
        }
    }

    pub(super) fn into_list(self) -> Vec<Pool> {
        self.named.into_iter().map(|(_, pool)| pool).collect()
    }
}

pub(super) fn pools(
    root: &mut Section<'_>,
    timeouts: &Timeouts,
    context: &Context<'_>,
    report: &mut Report,
) -> Pools {
    let sections = root.named_sections("pools", POOLS, POOL, report);
    let mut named: Vec<_> = sections
        .into_iter()
        .map(|(name, section)| {
            let span = name.span();
            let name = name.into_inner().into_owned();
            report.keep(check_name(&name, &span));
            (span, pool(name, section, timeouts, context, report))
        })
        .collect();
    refuse_shared_cookies(&named, report);
    named.sort_by(|(_, a), (_, b)| a.name.cmp(&b.name));
    Pools { named }
}

/// Refuses pools that use the same affinity cookie. A browser keeps only one cookie of a name for the whole host, so
/// each pool would overwrite the other's.
fn refuse_shared_cookies(named: &[(Range<usize>, Pool)], report: &mut Report) {
    let mut owners = HashMap::new();
    for (span, pool) in named {
        let Some(affinity) = &pool.affinity else { continue };
        if let Some(owner) = owners.insert(affinity.cookie.as_str(), &pool.name) {
            let message = format!("{} and {owner} have the same affinity cookie", pool.name);
            report.error(Problem::new(span.clone(), message).expecting("a cookie for each pool"));
        }
    }
}

fn check_name(name: &str, span: &Range<usize>) -> Result<(), Problem> {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if !name.is_empty() && name.len() <= 64 && name.bytes().all(is_plain) {
        return Ok(());
    }
    let message = format!("{} is no name for a pool", values::quoted(name));
    Err(Problem::new(span.clone(), message).expecting("1 to 64 ASCII letters, digits, - and _"))
}

fn pool(
    name: String,
    mut section: Section<'_>,
    timeouts: &Timeouts,
    context: &Context<'_>,
    report: &mut Report,
) -> Pool {
    let upstreams = upstreams(&mut section, context, report);
    #[cfg(feature = "tls")]
    let tls = tls::tls(&mut section, &upstreams, context, report);
    let Protocol { versions, header_case, send_proxy } = protocol(&mut section, report);
    let pool = Pool {
        name,
        upstreams,
        tier_share: section.read("tier_share", report, values::count(1..=100)).unwrap_or(TIER_SHARE),
        protocols: versions,
        header_case,
        send_proxy,
        failover: section.read("failover", report, values::count(0..=MOST_FAILOVERS)).unwrap_or(1),
        balancing: balancing(&mut section, report),
        health: health(&mut section, report),
        outliers: outliers(&mut section, report),
        slow_start: section.read("slow_start", report, slow_start).unwrap_or(Some(SLOW_START)),
        retries: retries(&mut section, report),
        hedge: hedge(&mut section, report),
        capacity: capacity(&mut section, report),
        connections: connections(&mut section, report),
        timeouts: of_a_pool(&mut section, timeouts, report),
        #[cfg(feature = "tls")]
        tls,
        affinity: affinity(&mut section, context, report),
    };
    section.finish(report);
    pool
}

fn slow_start(value: &Value<'_>) -> Result<Option<Duration>, Problem> {
    if values::is_false(value) { Ok(None) } else { values::duration_or_off(value) }
}
