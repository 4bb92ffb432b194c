//! What a route rewrites, in a few words.

use crate::config::{FieldChanges, PathRewrite, Rewrite, Route, Strip};

/// What becomes of a request's path where its route takes it.
pub(super) fn path(route: &Route) -> String {
    let matched = route.matching.prefix().filter(|prefix| *prefix != "/");
    match &route.rewrite.path {
        PathRewrite::Template { .. } => "another path takes the place of its own".to_owned(),
        PathRewrite::Prefix { strip, add } => {
            let strip = match strip {
                Strip::Matched => matched,
                Strip::Nothing => None,
                Strip::Prefix(prefix) => Some(prefix.as_str()),
            };
            match (strip, add.as_str()) {
                (None, "") => "its path stays as it is".to_owned(),
                (Some(prefix), "") => format!("{prefix} is taken off its path"),
                (None, add) => format!("{add} is put before its path"),
                (Some(prefix), add) => format!("{prefix} is taken off its path, and {add} put before it"),
            }
        }
    }
}

/// What else is changed. `None` if nothing is.
pub(super) fn rest(route: &Route) -> Option<String> {
    let Rewrite { host: _, path: _, query, method } = &route.rewrite;
    let mut does: Vec<String> = Vec::new();
    does.extend(method.as_ref().map(|method| format!("the method becomes {method}")));
    if !query.is_nothing() {
        let names = query.remove.iter().chain(query.set.iter().chain(&query.add).map(|(name, _)| name));
        does.push(listed("parameters", names.map(String::as_str)));
    }
    let headers = &route.headers;
    for (what, changes) in [
        ("headers", &headers.request),
        ("trailers", &headers.request_trailers),
        ("the answer's headers", &headers.response),
        ("the answer's trailers", &headers.response_trailers),
    ] {
        if !changes.is_nothing() {
            does.push(listed(what, names(changes)));
        }
    }
    (!does.is_empty()).then(|| does.join("; "))
}

fn names(changes: &FieldChanges) -> impl Iterator<Item = &str> {
    let FieldChanges { only, remove, set, add } = changes;
    let given = set.iter().chain(add).map(|(name, _)| name.as_str());
    let others = only.as_ref().map(|_| "all others");
    remove.iter().map(|name| name.as_str()).chain(given).chain(others)
}

fn listed<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> String {
    format!("changes {what}: {}", names.collect::<Vec<_>>().join(", "))
}
