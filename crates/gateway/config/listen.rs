//! `listen`: one address, or a list of listeners.

use std::net::SocketAddr;
use std::ops::Range;

use toml::de::DeValue;

use super::context::{Context, reference};
use super::model::{Address, Listen, Redirect};
use super::report::{Problem, Report};
use super::section::Section;
use super::values::{self, Value};

#[cfg(feature = "acme")]
mod acme;
#[cfg(feature = "tls")]
mod hsts;
#[cfg(feature = "tls")]
mod tls;

const ADDRESS: &str = "an address and a port, such as \"127.0.0.1:8080\", \":8080\" or \"localhost:8080\", or \
                       \"unix:/run/gateway.sock\"";
const REDIRECT: &str = "\"https\", or \"https:PORT\" if HTTPS is not at port 443";
const LISTEN: &str = "an address such as \"127.0.0.1:8080\", or an array of addresses and listeners, such as \
                      [\":8080\", { address = \":80\" }]";
const LISTENER: &str = "an address such as \":8080\", or a table such as { address = \":80\" }";

/// Reads `listen`. Without it, there is one listener on `127.0.0.1:8080`.
pub(super) fn listen(root: &mut Section<'_>, context: &Context<'_>, report: &mut Report) -> Vec<Listen> {
    let speakers = if root.has("trusted_proxies") { Speakers::Some } else { Speakers::None };
    let Some(value) = root.take("listen") else {
        return vec![SocketAddr::from(([127, 0, 0, 1], 8080)).into()];
    };
    let items = match value.get_ref() {
        DeValue::String(_) => {
            let address = address(&value, context).map_err(|problem| problem.about("listen"));
            return report.keep(address).into_iter().map(Listen::from).collect();
        }
        _ => report.keep(values::list(value, LISTEN).map_err(|problem| problem.about("listen"))),
    };
    let Some(items) = items else { return Vec::new() };
    #[cfg(feature = "acme")]
    let place = items.span();
    if items.get_ref().is_empty() {
        let problem = Problem::new(items.span(), "is empty").expecting("at least one listener");
        report.error(problem.about("listen"));
    }
    let mut listeners = Vec::new();
    for (index, value) in items.into_inner().into_iter().enumerate() {
        let span = value.span();
        let Some(listen) = listener(format!("listen[{index}]"), value, speakers, context, report) else {
            continue;
        };
        report.keep(apart(&listen, span, &listeners));
        listeners.push(listen);
    }
    #[cfg(feature = "acme")]
    report.keep(acme::reachable(&listeners, place));
    listeners
}

fn listener(
    path: String,
    value: Value<'_>,
    speakers: Speakers,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<Listen> {
    match value.get_ref() {
        DeValue::String(_) => {
            let address = address(&value, context).map_err(|problem| problem.about(&path));
            report.keep(address).map(Listen::from)
        }
        _ => {
            let mut section = report.keep(Section::open(path, value, LISTENER))?;
            if !section.has("address") {
                report.error(section.problem("has no address").expecting(ADDRESS));
            }
            let address = section.read("address", report, |value| address(value, context));
            let is_local = matches!(address, Some(Address::Unix(_)));
            let speakers = if is_local { Speakers::Some } else { speakers };
            let proxy_protocol =
                section.read("proxy_protocol", report, |value| proxy_protocol(value, speakers));
            let redirect = section.read("redirect", report, redirect);
            #[cfg(feature = "tls")]
            let tls = tls::tls(&mut section, context, report);
            section.finish(report);
            Some(Listen {
                proxy_protocol: proxy_protocol.unwrap_or(false),
                redirect,
                #[cfg(feature = "tls")]
                tls,
                ..Listen::from(address?)
            })
        }
    }
}

/// Reads `"https"`, or `"https:PORT"`.
fn redirect(value: &Value<'_>) -> Result<Redirect, Problem> {
    let text = values::text(value, REDIRECT)?;
    let port = match text.strip_prefix("https:") {
        Some(port) => port.parse().ok().filter(|port| *port != 0),
        None => (text == "https").then_some(443),
    };
    let refused =
        || Problem::new(value.span(), format!("found {}", values::quoted(text))).expecting(REDIRECT);
    Ok(Redirect { port: port.ok_or_else(refused)? })
}

pub(super) fn address(value: &Value<'_>, context: &Context<'_>) -> Result<Address, Problem> {
    let text = values::text(value, ADDRESS)?;
    let expanded = context.expand(text).map_err(|refusal| refusal.at(value.span()))?;
    expanded.parse().map_err(|why| {
        let what = match reference(text) {
            Some(name) => format!("the value of {name} {why}"),
            None => format!("{} {why}", values::quoted(text)),
        };
        Problem::new(value.span(), what).expecting(values::in_ascii(text, ADDRESS))
    })
}

/// Whether anybody may speak for clients at a listener.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Speakers {
    Some,
    None,
}

fn proxy_protocol(value: &Value<'_>, speakers: Speakers) -> Result<bool, Problem> {
    let is_on = values::boolean(value)?;
    if is_on && speakers == Speakers::None {
        let problem = Problem::new(value.span(), "nobody is trusted to say who its client is");
        return Err(problem.expecting("the proxies in trusted_proxies"));
    }
    Ok(is_on)
}

/// Refuses a listener that couldn't listen beside those before it.
fn apart(listen: &Listen, span: Range<usize>, before: &[Listen]) -> Result<(), Problem> {
    let Some(other) = before.iter().find(|other| other.address.overlaps(&listen.address)) else {
        return Ok(());
    };
    let message = format!("{} can't be listened on beside {}", listen.address, other.address);
    Err(Problem::new(span, message).expecting("each address once"))
}
