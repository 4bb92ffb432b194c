//! Who may enter a route.

mod basic_auth;
mod forward_auth;
mod identity;
#[cfg(feature = "jwt")]
mod jwt;
mod service_url;

use ipnet::IpNet;

use crate::config::context::Context;
use crate::config::model::{Entry, Satisfy};
use crate::config::report::{Problem, Report};
use crate::config::section::Section;
use crate::config::tokens::admin_tokens;
use crate::config::values;

/// Of which one is enough with `satisfy = "any"`.
const CHOICES: [&str; 4] = ["allow", "basic_auth", "jwt", "forward_auth"];
const SATISFY: &str = "\"all\" or \"any\"";
const NETWORKS: &str = "an array of networks, such as [\"10.0.0.0/8\", \"::1\"]";

pub(super) fn entry(section: &mut Section<'_>, context: &Context<'_>, report: &mut Report) -> Entry {
    let satisfy = satisfy(section, report);
    #[cfg(not(feature = "jwt"))]
    refuse_jwt(section, report);
    Entry {
        admin_tokens: admin_tokens(section, context, report),
        allow: networks("allow", section, report),
        deny: networks("deny", section, report),
        basic_auth: basic_auth::basic_auth(section, context, report),
        #[cfg(feature = "jwt")]
        jwt: jwt::jwt(section, context, report).map(Box::new),
        forward_auth: forward_auth::forward_auth(section, context, report).map(Box::new),
        satisfy,
    }
}

/// Reads a list of networks. An empty one would be read as nobody by some, and as everyone by others.
fn networks(key: &'static str, section: &mut Section<'_>, report: &mut Report) -> Vec<IpNet> {
    let path = section.path_to(key);
    let Some(items) = section.list(key, report, NETWORKS) else { return Vec::new() };
    if items.get_ref().is_empty() {
        let problem = Problem::new(items.span(), "an empty list would be nobody, or everyone");
        let expected = format!("at least one network, or no {key}");
        report.error(problem.expecting(expected).about(&path));
    }
    let read = |value| report.keep(values::network(value).map_err(|problem| problem.about(&path)));
    items.get_ref().iter().filter_map(read).collect()
}

fn satisfy(section: &mut Section<'_>, report: &mut Report) -> Satisfy {
    let choices = [("all", Satisfy::All), ("any", Satisfy::Any)];
    let satisfy = section.read("satisfy", report, values::choice(SATISFY, choices)).unwrap_or_default();
    match satisfy {
        // A request has one field `Authorization`, so that it can't carry both.
        Satisfy::All if section.has("basic_auth") && section.has("jwt") => {
            let problem = section.problem("has basic_auth and jwt, and a request can carry only one of them");
            report.error(problem.expecting("one of them, satisfy = \"any\", or a route for each"));
        }
        Satisfy::Any if CHOICES.iter().filter(|key| section.has(key)).count() < 2 => {
            let problem = section.problem("has satisfy = \"any\", and nothing to choose from");
            report.error(problem.expecting("two or more of allow, basic_auth, jwt and forward_auth"));
        }
        Satisfy::All | Satisfy::Any => {}
    }
    satisfy
}

#[cfg(not(feature = "jwt"))]
fn refuse_jwt(section: &mut Section<'_>, report: &mut Report) {
    if let Some(value) = section.take("jwt") {
        let problem = Problem::new(value.span(), "this gateway was built without JSON Web Tokens");
        let expected = "a build with the feature jwt";
        report.error(problem.expecting(expected).about(&section.path_to("jwt")));
    }
}

#[cfg(test)]
mod tests;
