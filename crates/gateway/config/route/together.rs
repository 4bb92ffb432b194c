//! Which routes may stand side by side.

mod below;
mod written;

use std::collections::BTreeMap;

pub(in crate::config) use self::below::open_below;
use self::below::refuse_open_below_gated;
pub(in crate::config) use self::written::{Openness, Written};
use crate::config::model::Matching;
use crate::config::report::{Problem, Report};
use crate::config::values::quoted;

/// Refuses routes that can't be told apart, and open ones that take requests from a gated one.
pub(in crate::config) fn check_together(routes: &[Written], report: &mut Report) {
    let mut in_file_order: Vec<&Written> = routes.iter().collect();
    in_file_order.sort_by_key(|written| written.span.start);
    refuse_equal_names(&in_file_order, report);
    refuse_twins(&in_file_order, report);
    refuse_open_below_gated(&in_file_order, report);
}

fn refuse_equal_names(routes: &[&Written], report: &mut Report) {
    let mut seen = BTreeMap::new();
    for Written { span, route, .. } in routes {
        let Some(first) = seen.insert(route.name.as_str(), span) else { continue };
        let message = format!("there are two routes named {}", quoted(&route.name));
        let problem = Problem::new(span.clone(), message).expecting("another name = \"…\"");
        report.error(problem.beside(first.clone()));
    }
}

/// Refuses routes that would take the same requests: those of the same path, whatever its names and the case of its letters
/// are, with a host in common and the same other conditions.
fn refuse_twins(routes: &[&Written], report: &mut Report) {
    let mut seen: BTreeMap<(Traits, Option<String>), &Written> = BTreeMap::new();
    for written in routes {
        let matching = &written.route.matching;
        let hosts = matching.hosts.iter().map(|host| Some(host.to_string()));
        let any = matching.hosts.is_empty().then_some(None);
        let twins: Vec<&Written> = any
            .into_iter()
            .chain(hosts)
            .filter_map(|host| seen.insert((traits(matching), host), written))
            .filter(|twin| !std::ptr::eq(*twin, *written))
            .collect();
        let Some(twin) = twins.first() else { continue };
        let names = |written: &Written| written.route.name.clone();
        let (first, second) = (names(twin), names(written));
        let is_case = twin.route.matching.path_in_file() != matching.path_in_file()
            && twin.route.matching.path_in_file().eq_ignore_ascii_case(matching.path_in_file());
        let message = match is_case {
            true => format!("the routes {first} and {second} differ in case only"),
            false => format!("the routes {first} and {second} take the same requests"),
        };
        let problem = Problem::new(written.span.clone(), message);
        report.error(problem.expecting("one of them, or another condition").beside(twin.span.clone()));
    }
}

/// Everything by which routes of the same host are told apart.
type Traits = (i32, String, Vec<String>);

fn traits(matching: &Matching) -> Traits {
    let Matching { methods, headers, query, clients, scheme, priority, .. } = matching;
    let mut all: Vec<String> = methods.iter().map(|method| format!("method {method}")).collect();
    all.extend(headers.iter().map(|(name, test)| format!("header {name} {test}")));
    all.extend(query.iter().map(|(name, test)| format!("query {name:?} {test}")));
    all.extend(clients.iter().map(|client| format!("client {client}")));
    all.extend(scheme.iter().map(|scheme| format!("scheme {scheme}")));
    all.extend(matching.path_regex().map(|regex| format!("regex {regex}")));
    all.sort();
    all.dedup();
    (*priority, matching.pattern().shape(), all)
}
