//! `[admin]`: the operator's listener.

use std::net::SocketAddr;

use super::context::Context;
use super::listen;
use super::model::{Address, Admin, Listen, ReadyPools};
use super::report::{Problem, Report};
use super::section::Section;
use super::tokens::admin_tokens;
use super::values::{self, Value, quoted};

const ADMIN: &str = "a table such as { listen = \"127.0.0.1:9900\" }";
const SAFE: &str = "admin_tokens, or an address that only this machine reaches, such as \"127.0.0.1:9900\" or \
                    \"unix:/run/gateway/admin.sock\"";
const HOSTS: &str = "an array of names, such as [\"gateway.internal\"]";
const READY: &str = "\"all\", \"any\" or \"none\"";

/// Reads `[admin]`. Without it there is no such listener.
pub(super) fn admin(
    root: &mut Section<'_>,
    listeners: &[Listen],
    context: &Context<'_>,
    report: &mut Report,
) -> Option<Admin> {
    let mut section = root.section("admin", report, ADMIN)?;
    let mut place = None;
    let address = section.read("listen", report, |value| {
        place = Some(value.span());
        apart(value, context, listeners)
    });
    let admin = Admin {
        admin_tokens: admin_tokens(&mut section, context, report),
        hosts: hosts(&mut section, report),
        ready: section.read("ready", report, ready).unwrap_or_default(),
        ..Admin::from(address.unwrap_or_else(usual))
    };
    if let Some(place) = place.filter(|_| admin.is_exposed()) {
        let message = format!("other machines can reach {}, and nobody would need a token", admin.listen);
        report.error(Problem::new(place, message).expecting(SAFE).about(&section.path_to("listen")));
    }
    section.finish(report);
    Some(admin)
}

fn usual() -> Address {
    SocketAddr::from(([127, 0, 0, 1], 9900)).into()
}

/// Reads the address. It can't be one of a listener for clients.
fn apart(value: &Value<'_>, context: &Context<'_>, listeners: &[Listen]) -> Result<Address, Problem> {
    let address = listen::address(value, context)?;
    match listeners.iter().find(|other| other.address.overlaps(&address)) {
        None => Ok(address),
        Some(Listen { address: other, .. }) => {
            let message = format!("{address} can't be listened on beside {other}, which is for clients");
            Err(Problem::new(value.span(), message).expecting("an address of its own"))
        }
    }
}

fn hosts(section: &mut Section<'_>, report: &mut Report) -> Vec<String> {
    let path = section.path_to("hosts");
    let Some(items) = section.list("hosts", report, HOSTS) else { return Vec::new() };
    let read = |value| report.keep(host(value).map_err(|problem| problem.about(&path)));
    items.get_ref().iter().filter_map(read).collect()
}

/// Reads what may stand in the `Host` of a request, without the port.
fn host(value: &Value<'_>) -> Result<String, Problem> {
    const HOST: &str = "a name or an address, without a port";
    let text = values::text(value, HOST)?;
    let is_host = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
    let is_address = text.parse::<std::net::IpAddr>().is_ok();
    if is_address || !text.is_empty() && text.bytes().all(is_host) {
        return Ok(text.to_ascii_lowercase());
    }
    Err(Problem::new(value.span(), format!("found {}", quoted(text))).expecting(HOST))
}

fn ready(value: &Value<'_>) -> Result<ReadyPools, Problem> {
    match values::text(value, READY)? {
        "all" => Ok(ReadyPools::All),
        "any" => Ok(ReadyPools::Any),
        "none" => Ok(ReadyPools::None),
        other => Err(Problem::new(value.span(), format!("found {}", quoted(other))).expecting(READY)),
    }
}
