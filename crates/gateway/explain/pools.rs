//! What becomes of a request behind its route: which pool gets it, which endpoint, and how it is sent.

use axum::http::HeaderMap;
use humantime::format_duration;
use proxy_service::{HostPolicy, Protocols};

use super::stopped::Place;
use crate::config::{Action, Balancing, Config, HashKey, HedgeAfter, Pool, Route, Split, SplitBy};
use crate::cookies;

/// What a route does to find a pool.
pub(super) fn choice(route: &Route, config: &Config) -> Vec<(Place, String)> {
    let name = |index: usize| config.pools.get(index).map_or("?", |pool| pool.name.as_str());
    let mut does = Vec::new();
    if let Some(mirror) = &route.others.mirror {
        let (percent, pool) = (mirror.percent, name(mirror.pool));
        does.push((Place::Mirror, format!("copies {percent} % to pool {pool} (not now: nothing is sent)")));
    }
    if let Action::Split(Split { shares, by }) = &route.action {
        let by = match by {
            SplitBy::Chance => "by chance".to_owned(),
            SplitBy::Cookie(cookie) => format!("by the cookie {cookie}, which clients without it get"),
            SplitBy::Header(header) => format!("by the header {header}, and without it by chance"),
        };
        let shares: Vec<String> =
            shares.iter().map(|share| format!("{} {}", name(share.pool), share.weight)).collect();
        does.push((Place::Split, format!("{}, {by}", shares.join(", "))));
    }
    if let Some(fallback) = route.others.fallback {
        does.push((Place::Fallback, format!("pool {} if this one has nobody", name(fallback))));
    }
    does
}

/// Whether chance decides which pool gets a request with these fields.
pub(super) fn is_by_chance(route: &Route, headers: &HeaderMap) -> bool {
    let Action::Split(Split { shares, by }) = &route.action else { return false };
    let is_said = match by {
        SplitBy::Chance => false,
        SplitBy::Cookie(cookie) => cookies::find(headers, cookie).is_some(),
        SplitBy::Header(header) => headers.contains_key(header),
    };
    !is_said && shares.iter().filter(|share| share.weight > 0).count() > 1
}

/// Why this pool gets a request, and how its endpoint is picked.
pub(super) fn why(route: &Route, pool: &Pool, config: &Config) -> String {
    let (policy, name) = (policy(&pool.balancing), &pool.name);
    let is_it = |index: usize| config.pools.get(index).is_some_and(|other| other.name == pool.name);
    let is_first = route.action.pools().any(is_it);
    match (is_first, &route.action) {
        (false, _) => format!("pool {name} since no other has anybody; {policy}"),
        (true, Action::Split(_)) => format!("pool {name} by its share; {policy}"),
        (true, _) => policy,
    }
}

/// What a pool does with a request.
pub(super) fn balancing(pool: &Pool) -> Vec<(Place, String)> {
    let mut does = Vec::new();
    if let Some(affinity) = &pool.affinity {
        let cookie = &affinity.cookie;
        does.push((Place::Affinity, format!("reads the cookie {cookie}, and sets it in the answer")));
    }
    let mut balances = format!("pool {}: {}", pool.name, policy(&pool.balancing));
    if pool.failover > 0 {
        balances += &format!("; {} more if nothing was sent", pool.failover);
    }
    if let Some(retries) = &pool.retries {
        balances += &format!("; up to {} retries of what may be repeated", retries.attempts);
    }
    if let Some(hedge) = &pool.hedge {
        let after = match hedge.after {
            HedgeAfter::Time(time) => format_duration(time).to_string(),
            HedgeAfter::Percentile(percent) => format!("the time that {percent} % of answers took"),
        };
        balances += &format!("; a second one if there is no answer after {after}");
    }
    if let Some(capacity) = &pool.capacity {
        balances += &format!("; at most {} in flight at each", capacity.max_in_flight);
    }
    does.push((Place::Balancer, balances));
    does
}

/// How it is sent to an endpoint.
pub(super) fn sending(route: &Route, pool: &Pool) -> [(Place, String); 2] {
    let host = match route.rewrite.host {
        HostPolicy::Preserve => "the client's Host".to_owned(),
        HostPolicy::Name(ref name) => format!("Host: {}", name.as_str()),
        _ => "the upstream's Host".to_owned(),
    };
    let mut does = format!("sends {host}, Via and X-Forwarded-*, and no hop-by-hop fields");
    if let Some(max) = route.limits.max_body {
        does += &format!("; at most {max} bytes of body");
    }
    let protocol = match pool.protocols {
        Protocols::Http1 => "HTTP/1.1",
        Protocols::Auto => "HTTP/1.1, or over TLS HTTP/2 if the upstream chooses it",
        Protocols::Http2 => "HTTP/2",
    };
    let header = if pool.send_proxy.is_some() { ", behind a PROXY header" } else { "" };
    [(Place::Proxy, does), (Place::Connection, format!("{protocol}{header}"))]
}

/// How a policy picks, in a few words.
pub(super) fn policy(balancing: &Balancing) -> String {
    match balancing {
        Balancing::RoundRobin => "upstreams take turns, by their weights".to_owned(),
        Balancing::LeastLoaded => "of two at random, the one with fewer requests in flight".to_owned(),
        Balancing::PeakEwma => "of two at random, the one that is faster and less loaded".to_owned(),
        Balancing::Random => "at random, by their weights".to_owned(),
        Balancing::Hash(HashKey::Header(name)) => format!("by the hash of the header {name}"),
        Balancing::Hash(HashKey::Cookie(name)) => format!("by the hash of the cookie {name}"),
        Balancing::Hash(HashKey::Peer) => "by the hash of the client's address".to_owned(),
    }
}
