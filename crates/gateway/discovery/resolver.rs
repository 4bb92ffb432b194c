//! Asks DNS, with hickory-resolver.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arc_swap::ArcSwap;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::lookup::Lookup;
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{RData, RecordType};

use super::looked::Trouble;
use crate::config::Dns;

/// How long a question may take, with all servers and repetitions.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long one server may take.
const PATIENCE_WITH_ONE: Duration = Duration::from_secs(2);
/// How long it holds that there are no records.
const NEGATIVE_TTL: Duration = Duration::from_secs(5);
/// Where name servers listen, and where one is asked if the system names none, as libc does it.
const PORT: u16 = 53;

/// Asks name servers, and the system's `hosts` file before them. Clones ask the same ones.
#[derive(Clone)]
pub(super) struct Resolver {
    asked: Arc<ArcSwap<Servers>>,
}

/// The name servers that are asked.
struct Servers {
    dns: Dns,
    /// Made by the first question: most gateways have none.
    hickory: OnceLock<Result<TokioResolver, Trouble>>,
}

/// The answer to a question: perhaps there are no records.
#[derive(Debug)]
pub(super) struct Answer<T> {
    pub(super) records: Vec<T>,
    /// The name that has them: it may be longer than the one that was asked for.
    pub(super) name: String,
    pub(super) ttl: Duration,
}

/// An SRV record (RFC 2782).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Srv {
    pub(super) priority: u16,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) weight: u16,
}

impl Resolver {
    /// Its first question reads `/etc/hosts` and, unless `dns` names servers, `/etc/resolv.conf`.
    pub(super) fn new(dns: &Dns) -> Self {
        Self { asked: Arc::new(ArcSwap::from_pointee(Servers::of(dns))) }
    }

    /// Asks these servers from now on. The files of the system are read again.
    pub(super) fn ask_instead(&self, dns: &Dns) {
        self.asked.store(Arc::new(Servers::of(dns)));
    }

    pub(super) async fn v4(&self, host: &str) -> Result<Answer<IpAddr>, Trouble> {
        self.ask(host, RecordType::A, |data| data.ip_addr().filter(IpAddr::is_ipv4)).await
    }

    pub(super) async fn v6(&self, host: &str) -> Result<Answer<IpAddr>, Trouble> {
        self.ask(host, RecordType::AAAA, |data| data.ip_addr().filter(IpAddr::is_ipv6)).await
    }

    pub(super) async fn services(&self, name: &str) -> Result<Answer<Srv>, Trouble> {
        let service = |data: &RData| match data {
            RData::SRV(srv) => Some(Srv {
                priority: srv.priority,
                weight: srv.weight,
                port: srv.port,
                host: srv.target.to_ascii(),
            }),
            _ => None,
        };
        self.ask(name, RecordType::SRV, service).await
    }

    async fn ask<T>(
        &self,
        name: &str,
        of: RecordType,
        read: impl Fn(&RData) -> Option<T>,
    ) -> Result<Answer<T>, Trouble> {
        let servers = self.asked.load_full();
        let hickory = servers.hickory.get_or_init(|| made(&servers.dns)).as_ref().map_err(Trouble::clone)?;
        let asked = tokio::time::timeout(PATIENCE, hickory.lookup(name, of));
        match asked.await.map_err(|_| Trouble::TimedOut)? {
            Ok(lookup) => Ok(answer(&lookup, read)),
            Err(error) if error.is_no_records_found() => {
                Ok(Answer { records: Vec::new(), name: String::new(), ttl: NEGATIVE_TTL })
            }
            Err(NetError::Timeout) => Err(Trouble::TimedOut),
            Err(error) => Err(Trouble::of(error)),
        }
    }
}

impl Servers {
    fn of(dns: &Dns) -> Self {
        Self { dns: dns.clone(), hickory: OnceLock::new() }
    }
}

fn made(dns: &Dns) -> Result<TokioResolver, Trouble> {
    let (config, options) = match dns.servers.as_slice() {
        [] => of_the_system(),
        servers => (asking(servers), ResolverOpts::default()),
    };
    let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
    *builder.options_mut() = options;
    let options = builder.options_mut();
    options.timeout = options.timeout.min(PATIENCE_WITH_ONE);
    // Nothing is cached here: whoever asks knows when an answer is too old.
    options.cache_size = 0;
    builder.build().map_err(Trouble::of)
}

fn answer<T>(lookup: &Lookup, read: impl Fn(&RData) -> Option<T>) -> Answer<T> {
    let answers = lookup.answers();
    let seconds = answers.iter().map(|record| record.ttl).min().unwrap_or_default();
    Answer {
        records: answers.iter().filter_map(|record| read(&record.data)).collect(),
        name: lookup.query().name().to_ascii(),
        ttl: Duration::from_secs(seconds.into()),
    }
}

fn of_the_system() -> (ResolverConfig, ResolverOpts) {
    hickory_resolver::system_conf::read_system_conf().unwrap_or_else(|error| {
        tracing::warn!(target: "gateway::discovery", %error, "/etc/resolv.conf names no name server");
        (asking(&[SocketAddr::from((Ipv4Addr::LOCALHOST, PORT))]), ResolverOpts::default())
    })
}

fn asking(servers: &[SocketAddr]) -> ResolverConfig {
    let server = |address: &SocketAddr| {
        let mut server = NameServerConfig::udp_and_tcp(address.ip());
        server.connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()]
            .map(|mut connection| {
                connection.port = address.port();
                connection
            })
            .into();
        server
    };
    ResolverConfig::from_parts(None, Vec::new(), servers.iter().map(server).collect())
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver").finish_non_exhaustive()
    }
}
