//! An upstream that is a name with SRV records (RFC 2782): they say which hosts there are, their ports, shares and
//! tiers.

use std::collections::HashMap;
use std::net::SocketAddr;

use proxy_service::Target;
use tokio::task::JoinSet;

use super::addresses::Addresses;
use super::found::Found;
use super::looked::{Looked, Trouble};
use super::resolver::{Resolver, Srv};

/// How many records are used.
const MOST: usize = 256;
/// How many hosts are looked up at a time.
const AT_A_TIME: usize = 16;
/// The last tier that a record can have.
const LAST_TIER: usize = 254;

/// Looks up SRV records, and the addresses of the hosts in them.
#[derive(Debug)]
pub(super) struct Services {
    target: Target,
    resolver: Resolver,
    records: Vec<Srv>,
    hosts: HashMap<String, Addresses>,
}

impl Services {
    pub(super) fn of(target: Target, resolver: Resolver) -> Self {
        Self { target, resolver, records: Vec::new(), hosts: HashMap::new() }
    }

    /// If the records can't be looked up or there are none, those that were found last stay. Their hosts are looked up
    /// all the same.
    pub(super) async fn look_up(&mut self) -> Looked {
        let answer = self.resolver.services(self.target.authority().host()).await;
        let mut looked = match answer.map(|answer| (usable(answer.records), answer.ttl)) {
            Ok((records, ttl)) if !records.is_empty() => {
                self.records = records;
                Looked { ttl: Some(ttl), trouble: None }
            }
            Ok(_) => Looked { ttl: None, trouble: Some(Trouble::Nothing) },
            Err(trouble) => Looked { ttl: None, trouble: Some(trouble) },
        };
        for host in self.look_up_hosts().await {
            looked.ttl = looked.ttl.zip(host.ttl).map(|(one, other)| one.min(other));
            looked.trouble = looked.trouble.or(host.trouble);
        }
        looked
    }

    async fn look_up_hosts(&mut self) -> Vec<Looked> {
        let mut known = std::mem::take(&mut self.hosts);
        let mut names: Vec<String> = self.records.iter().map(|record| record.host.clone()).collect();
        names.sort_unstable();
        names.dedup();
        let mut waiting = names.into_iter().map(|name| (known.remove(&name).unwrap_or_default(), name));
        let (mut looking, mut all) = (JoinSet::new(), Vec::new());
        loop {
            while looking.len() < AT_A_TIME
                && let Some((mut addresses, name)) = waiting.next()
            {
                let resolver = self.resolver.clone();
                looking.spawn(async move {
                    let looked = addresses.look_up(&name, &resolver).await;
                    (name, addresses, looked)
                });
            }
            let Some(done) = looking.join_next().await else { return all };
            // A panic in hickory loses this host until the next look.
            let Ok((name, addresses, looked)) = done else { continue };
            self.hosts.insert(name, addresses);
            all.push(looked);
        }
    }

    pub(super) fn found(&self) -> Option<Vec<Found>> {
        let mut priorities: Vec<u16> = self.records.iter().map(|record| record.priority).collect();
        priorities.dedup();
        let found: Vec<Found> = self
            .records
            .iter()
            .flat_map(|record| {
                let tier = priorities.iter().position(|priority| *priority == record.priority);
                self.at(record, tier.unwrap_or_default().min(LAST_TIER) as u8)
            })
            .collect();
        (!found.is_empty()).then_some(found)
    }

    /// The endpoints of a record: one for each address of its host.
    fn at(&self, record: &Srv, tier: u8) -> Vec<Found> {
        let host = record.host.trim_end_matches('.');
        let url = format!("{}://{host}:{}{}", self.target.scheme(), record.port, self.target.base_path());
        let (Ok(target), Some(addresses)) = (url.parse::<Target>(), self.hosts.get(&record.host)) else {
            return Vec::new();
        };
        let at = |ip| {
            let target = target.clone().at(SocketAddr::new(ip, record.port));
            // A weight of 0 is "a very small chance" beside others.
            Found::new(target).weight(record.weight.max(1)).priority(tier)
        };
        addresses.used().into_iter().map(at).collect()
    }
}

/// The records without those that say that there is no such service (its host is the root), in the order of their
/// priorities.
fn usable(mut records: Vec<Srv>) -> Vec<Srv> {
    records.retain(|record| record.host != "." && record.port != 0);
    records.sort_unstable();
    records.dedup();
    records.truncate(MOST);
    records
}
