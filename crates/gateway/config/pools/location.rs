//! Where an upstream's URL leads: to one endpoint, to each address of a name, or to SRV records.

use std::net::IpAddr;

use proxy_service::Target;

use super::target::{UPSTREAM, Url, url};
use crate::config::context::Context;
use crate::config::model::Location;
use crate::config::report::Problem;
use crate::config::values::{self, Value};

const FILE: &str = "the path of a file with endpoints, such as \"endpoints.json\"";

/// How the names of a pool's upstreams are looked up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Lookups {
    /// Each address of a name is an endpoint, and they follow its records.
    #[default]
    ByTtl,
    /// A name is one endpoint, and is looked up for each connection.
    Once,
}

impl Lookups {
    pub(super) fn read(value: &Value<'_>) -> Result<Self, Problem> {
        values::choice("\"ttl\" or \"once\"", [("ttl", Self::ByTtl), ("once", Self::Once)])(value)
    }
}

/// Reads the URL of an upstream.
pub(super) fn location(
    value: &Value<'_>,
    lookups: Lookups,
    context: &Context<'_>,
) -> Result<Location, Problem> {
    match url(value, context)? {
        Url::Upstream(target) if lookups == Lookups::ByTtl && has_records(&target) => {
            Ok(Location::Name(target))
        }
        Url::Upstream(target) => Ok(Location::Fixed(target)),
        Url::Service(_) if cfg!(not(feature = "dns")) => {
            Err(Problem::new(value.span(), "SRV records need the feature `dns`").expecting(UPSTREAM))
        }
        Url::Service(target) if is_name(&target) && target.authority().port().is_none() => {
            Ok(Location::Service(target))
        }
        Url::Service(_) => {
            Err(Problem::new(value.span(), "SRV records have a name, and say the ports themselves")
                .expecting("\"srv+http://_SERVICE._tcp.NAME\""))
        }
    }
}

pub(super) fn file(value: &Value<'_>, context: &Context<'_>) -> Result<Location, Problem> {
    match values::text(value, FILE)? {
        "" => Err(Problem::new(value.span(), "is empty").expecting(FILE)),
        path => Ok(Location::File(context.path_of(path))),
    }
}

/// Whether the records of the target's host are followed. `localhost` has none (RFC 6761 section 6.3).
fn has_records(target: &Target) -> bool {
    let host = target.authority().host().trim_end_matches('.').to_ascii_lowercase();
    cfg!(feature = "dns") && is_name(target) && host != "localhost" && !host.ends_with(".localhost")
}

fn is_name(target: &Target) -> bool {
    let host = target.authority().host();
    target.unix_socket().is_none() && !host.starts_with('[') && host.parse::<IpAddr>().is_err()
}
