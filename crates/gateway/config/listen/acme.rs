//! `acme`: a certificate that is ordered from an authority.

use std::net::IpAddr;
use std::ops::Range;

use http::Uri;

use crate::config::authorities::authorities;
use crate::config::context::Context;
use crate::config::model::{Acme, Challenge, Listen};
use crate::config::report::{Problem, Report};
use crate::config::section::Section;
use crate::config::values::{self, Value, quoted};

const ACME: &str = "a table such as { domains = [\"site.example\"] }";
const DOMAINS: &str = "an array of names such as [\"site.example\", \"www.site.example\"]";
const DOMAIN: &str = "a name such as \"site.example\", without a port";
const CONTACT: &str = "an e-mail address such as \"ops@site.example\", or an array of them";
const DIRECTORY: &str = "the https URL of an ACME directory";
const CHALLENGE: &str = "\"tls-alpn-01\" or \"http-01\"";
const STORAGE: &str = "the path of a directory";

/// That of Let's Encrypt, for certificates that browsers trust.
const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// What Let's Encrypt puts into one certificate.
const MOST_DOMAINS: usize = 100;

/// Reads `acme`. `None` if it is missing, or has no valid domain.
pub(super) fn acme(tls: &mut Section<'_>, context: &Context<'_>, report: &mut Report) -> Option<Acme> {
    let mut section = tls.section("acme", report, ACME)?;
    if !section.has("domains") {
        report.error(section.problem("has no domains").expecting(DOMAINS));
    }
    let domains = domains(&mut section, report);
    let contact = section.read("contact", report, contact);
    let directory = section.read("directory", report, directory);
    let trusted = section.read("directory_ca_file", report, |value| authorities(value, context));
    let storage = section.read("storage", report, |value| Ok(context.path_of(values::text(value, STORAGE)?)));
    let challenge = section.read("challenge", report, challenge);
    section.finish(report);
    Some(Acme {
        domains: Some(domains).filter(|domains| !domains.is_empty())?,
        contact: contact.unwrap_or_default(),
        directory: directory.unwrap_or_else(|| LETS_ENCRYPT.to_owned()),
        trusted: trusted.map(|(certificates, _)| certificates).unwrap_or_default(),
        storage: storage.unwrap_or_else(|| context.path_of("acme")),
        challenge: challenge.unwrap_or_default(),
    })
}

/// Refuses HTTP-01 if there is no listener that the authority could ask for a page.
pub(super) fn reachable(listeners: &[Listen], place: Range<usize>) -> Result<(), Problem> {
    let ordered = listeners.iter().filter_map(|listen| listen.tls.as_ref()?.acme.as_ref());
    let is_asked = ordered.into_iter().any(|acme| acme.challenge == Challenge::Http01);
    if !is_asked || listeners.iter().any(|listen| listen.tls.is_none()) {
        return Ok(());
    }
    let message = "challenge = \"http-01\" needs a listener without TLS";
    Err(Problem::new(place, message).expecting("another one, on port 80").about("listen"))
}

fn domains(acme: &mut Section<'_>, report: &mut Report) -> Vec<String> {
    let path = acme.path_to("domains");
    let Some(list) = acme.list("domains", report, DOMAINS) else { return Vec::new() };
    let number = list.get_ref().len();
    if number == 0 || number > MOST_DOMAINS {
        let problem = Problem::new(list.span(), format!("has {number} domains"));
        report.error(problem.expecting(format!("1 to {MOST_DOMAINS}")).about(&path));
    }
    let mut domains: Vec<String> = Vec::new();
    for value in list.get_ref() {
        let Some(domain) = report.keep(domain(value).map_err(|problem| problem.about(&path))) else {
            continue;
        };
        if domains.contains(&domain) {
            let problem = Problem::new(value.span(), format!("{} stands here twice", quoted(&domain)));
            report.error(problem.expecting("each name once").about(&path));
        } else {
            domains.push(domain);
        }
    }
    domains
}

/// Reads a name. A wildcard would need a challenge in the DNS, and an address a certificate of another kind.
fn domain(value: &Value<'_>) -> Result<String, Problem> {
    let text = values::text(value, DOMAIN)?;
    let refuse = |why: &str| Problem::new(value.span(), format!("{} {why}", quoted(text))).expecting(DOMAIN);
    if text.starts_with("*.") {
        return Err(refuse("is a wildcard, which can be verified only through the DNS"));
    }
    if text.parse::<IpAddr>().is_ok() {
        return Err(refuse("is an address"));
    }
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_name = text.len() <= 253 && text.contains('.') && text.split('.').all(is_label);
    if is_name { Ok(text.to_ascii_lowercase()) } else { Err(refuse("is no name")) }
}

/// Reads one address or several, each as a URL.
fn contact(value: &Value<'_>) -> Result<Vec<String>, Problem> {
    let one = |value: &Value<'_>| {
        let text = values::text(value, CONTACT)?;
        let address = text.strip_prefix("mailto:").unwrap_or(text);
        let is_address =
            address.split_once('@').is_some_and(|(user, host)| !user.is_empty() && !host.is_empty())
                && address.bytes().all(|byte| byte.is_ascii_graphic());
        match is_address {
            true => Ok(format!("mailto:{address}")),
            false => Err(Problem::new(value.span(), format!("{} is no e-mail address", quoted(text)))
                .expecting(CONTACT)),
        }
    };
    match value.get_ref().as_array() {
        Some(several) => several.iter().map(one).collect(),
        None => one(value).map(|contact| vec![contact]),
    }
}

fn directory(value: &Value<'_>) -> Result<String, Problem> {
    let text = values::text(value, DIRECTORY)?;
    let is_https =
        text.parse::<Uri>().is_ok_and(|uri| uri.scheme_str() == Some("https") && uri.host().is_some());
    if is_https {
        return Ok(text.to_owned());
    }
    Err(Problem::new(value.span(), format!("{} is no such URL", quoted(text))).expecting(DIRECTORY))
}

fn challenge(value: &Value<'_>) -> Result<Challenge, Problem> {
    let choices = [("tls-alpn-01", Challenge::TlsAlpn01), ("http-01", Challenge::Http01)];
    values::choice(CHALLENGE, choices)(value)
}
