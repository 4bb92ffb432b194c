//! `balance`: how the upstream for a request is picked.

use http::HeaderName;
use toml::de::DeValue;

use super::cookie;
use crate::config::model::{Balancing, HashKey};
use crate::config::report::{Problem, Report};
use crate::config::section::Section;
use crate::config::values::{self, Value};

const BALANCE: &str = "\"round-robin\", \"least-loaded\", \"peak-ewma\", \"random\", or { hash = \"peer\" }, or with \"header:NAME\" or \"cookie:NAME\"";
const KEY: &str = "\"header:NAME\", \"cookie:NAME\" or \"peer\"";

pub(super) fn balancing(pool: &mut Section<'_>, report: &mut Report) -> Balancing {
    let Some(value) = pool.take("balance") else { return Balancing::default() };
    let path = pool.path_to("balance");
    let balancing = match value.get_ref() {
        DeValue::Table(_) => hash(path, value, report),
        _ => report.keep(policy(&value).map_err(|problem| problem.about(&path))),
    };
    balancing.unwrap_or_default()
}

fn policy(value: &Value<'_>) -> Result<Balancing, Problem> {
    let policies = [
        ("round-robin", Balancing::RoundRobin),
        ("least-loaded", Balancing::LeastLoaded),
        ("peak-ewma", Balancing::PeakEwma),
        ("random", Balancing::Random),
    ];
    values::choice(BALANCE, policies)(value)
}

fn hash(path: String, value: Value<'_>, report: &mut Report) -> Option<Balancing> {
    let mut section = report.keep(Section::open(path, value, BALANCE))?;
    if !section.has("hash") {
        report.error(section.problem("has no hash").expecting(format!("hash = {KEY}")));
    }
    let key = section.read("hash", report, key);
    section.finish(report);
    key.map(Balancing::Hash)
}

fn key(value: &Value<'_>) -> Result<HashKey, Problem> {
    let text = values::text(value, KEY)?;
    let refuse = |why: &str| Problem::new(value.span(), format!("{} {why}", values::quoted(text)));
    match text.split_once(':') {
        Some(("header", name)) => HeaderName::try_from(name)
            .map(HashKey::Header)
            .map_err(|_| refuse("names no header").expecting("letters, digits, - and _ after header:")),
        Some(("cookie", name)) if cookie::is_name(name) => Ok(HashKey::Cookie(name.to_owned())),
        Some(("cookie", _)) => {
            Err(refuse("names no cookie").expecting(format!("{} after cookie:", cookie::NAME)))
        }
        None if text == "peer" => Ok(HashKey::Peer),
        _ => Err(refuse("is no key").expecting(KEY)),
    }
}
