//! `split`, `mirror` and `fallback`: the pools of a route besides `pool`.

use std::time::Duration;

use http::HeaderName;
use toml::Spanned;
use toml::de::DeValue;

use crate::config::model::{Action, Mirror, OtherPools, PoolShare, Split, SplitBy};
use crate::config::pools::{Pools, cookie};
use crate::config::report::{Problem, Report};
use crate::config::section::Section;
use crate::config::values::{self, Value};

const SPLIT: &str = "a table of pools and weights, such as { blue = 95, green = 5 }";
const SPLIT_BY: &str = "{ cookie = \"NAME\" } or { header = \"NAME\" }";
const HEADER: &str = "the name of a header";
const MIRROR: &str = "a table such as { pool = \"shadow\", percent = 10 }";
const LONGEST_BODY: u64 = 16 << 20;

/// Reads `split` and `split_by`. `None` if there is no `split`, or no valid one.
pub(super) fn split(route: &mut Section<'_>, pools: &Pools, report: &mut Report) -> Option<Split> {
    if route.has("split_by") && !route.has("split") {
        report.error(route.problem("has split_by without split").expecting("split = { POOL = WEIGHT }"));
    }
    let by = split_by(route, pools, report).unwrap_or_default();
    let shares = route.section("split", report, SPLIT).map(|section| shares(section, pools, report))?;
    Some(Split { shares, by })
}

fn shares(mut section: Section<'_>, pools: &Pools, report: &mut Report) -> Vec<PoolShare> {
    let before = report.errors();
    let mut shares = Vec::new();
    for (name, weight) in section.take_all() {
        let path = section.path_to(name.get_ref());
        let weight = values::count(0..=10_000)(&weight).map_err(|problem| problem.about(&path));
        let pool = pools.find(&Spanned::new(name.span(), DeValue::String(name.into_inner())));
        let pool = report.keep(pool.map_err(|problem| problem.about(&path)));
        if let Some((weight, pool)) = report.keep(weight).zip(pool) {
            shares.push(PoolShare { pool, weight });
        }
    }
    if report.errors() == before && shares.iter().all(|share| share.weight == 0) {
        report.error(section.problem("gives no pool a share").expecting("a weight above 0"));
    }
    shares
}

fn split_by(route: &mut Section<'_>, pools: &Pools, report: &mut Report) -> Option<SplitBy> {
    let mut section = route.section("split_by", report, SPLIT_BY)?;
    if section.has("cookie") == section.has("header") {
        report.error(section.problem("names no cookie and no header, or both").expecting(SPLIT_BY));
    }
    let cookie = section.read("cookie", report, |value| own_cookie(value, pools).map(SplitBy::Cookie));
    let header = section.read("header", report, |value| header(value).map(SplitBy::Header));
    section.finish(report);
    cookie.or(header)
}

/// Reads the name of a cookie that no pool has: each would overwrite the other's.
fn own_cookie(value: &Value<'_>, pools: &Pools) -> Result<String, Problem> {
    let name = cookie::name(value)?;
    match pools.with_cookie(&name) {
        None => Ok(name),
        Some(pool) => {
            let message = format!("the affinity of {pool} has a cookie of this name");
            Err(Problem::new(value.span(), message).expecting("a cookie of its own"))
        }
    }
}

fn header(value: &Value<'_>) -> Result<HeaderName, Problem> {
    let text = values::text(value, HEADER)?;
    let refused = |_| Problem::new(value.span(), format!("{} names no header", values::quoted(text)));
    HeaderName::try_from(text).map_err(|error| refused(error).expecting(HEADER))
}

/// Reads `mirror` and `fallback`. `action` is what the route does with its requests, if that is valid.
pub(super) fn other_pools(
    route: &mut Section<'_>,
    action: Option<&Action>,
    pools: &Pools,
    report: &mut Report,
) -> OtherPools {
    let fallback = route.read("fallback", report, |value| {
        let found = pools.find(value)?;
        match action.is_some_and(|action| action.pools().all(|pool| pool == found)) {
            true => Err(Problem::new(value.span(), "the route's requests go to this pool already")
                .expecting("another pool")),
            false => Ok(found),
        }
    });
    OtherPools { mirror: mirror(route, pools, report), fallback }
}

fn mirror(route: &mut Section<'_>, pools: &Pools, report: &mut Report) -> Option<Mirror> {
    let mut section = route.section("mirror", report, MIRROR)?;
    if !section.has("pool") {
        report.error(section.problem("has no pool").expecting("pool = \"NAME\""));
    }
    let pool = section.read("pool", report, |value| pools.find(value));
    let percent = section.read("percent", report, values::count(1..=100));
    let max_body = section.read("max_body", report, values::size(0..=LONGEST_BODY));
    let max_in_flight = section.read("max_in_flight", report, values::count(1..=10_000));
    let timeout = section.read("timeout", report, values::duration);
    section.finish(report);
    Some(Mirror {
        pool: pool?,
        percent: percent.unwrap_or(100),
        max_body: max_body.unwrap_or(64 << 10),
        max_in_flight: max_in_flight.unwrap_or(100),
        timeout: timeout.unwrap_or(Duration::from_secs(30)),
    })
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn no_cookie_is_for_a_share_and_for_an_upstream() {
        let refused = |cookie: &str| {
            let text = format!(
                "[pools.a]\nupstreams = [\"http://127.0.0.1:1\"]\naffinity = {{ cookie = \"gw\" }}\n\
                 [routes.\"/\"]\nsplit = {{ a = 1 }}\nsplit_by = {{ cookie = \"{cookie}\" }}\n"
            );
            Config::parse("test.toml", &text, |_| None).err().map(|errors| errors.to_string())
        };
        assert_eq!(refused("share"), None);
        let error = refused("gw").unwrap();
        assert!(error.contains("the affinity of a has a cookie of this name"), "{error}");
    }
}
