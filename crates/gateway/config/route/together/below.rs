//! Open routes that take requests from a gated one.

use http::Method;

use super::written::{Openness, Written};
use crate::config::model::{HostPattern, Matching, PathEnd, PathPattern, PathSegment, Route};
use crate::config::report::{Problem, Report};

/// Refuses an open route that takes requests that a gated route would take without it, unless it says `open = true`. A
/// gate on `/` isn't meant for what other routes take.
pub(super) fn refuse_open_below_gated(routes: &[&Written], report: &mut Report) {
    let (gated, open): (Vec<&Written>, Vec<&Written>) =
        routes.iter().partition(|written| written.route.is_gated());
    for written in open.iter().filter(|written| written.openness == Openness::Unsaid) {
        let gates = gated.iter().copied();
        let mut above = gates.filter(|gate| is_above(&gate.route.matching, &written.route.matching));
        let Some(gate) = above.next() else { continue };
        let (name, of_gate) = (&written.route.name, &gate.route.name);
        let message = format!("the route {name} is open but lies below {of_gate}, which is gated");
        let expected = "admin_tokens or another gate, a path elsewhere, or open = true if that is meant";
        report
            .error(Problem::new(written.span.clone(), message).expecting(expected).beside(gate.span.clone()));
    }
}

/// The gated route that an open one with these conditions would take requests from.
pub(in crate::config) fn open_below<'a>(open: &Matching, routes: &'a [Route]) -> Option<&'a Route> {
    routes.iter().find(|route| route.is_gated() && is_above(&route.matching, open))
}

/// Whether an open route takes requests that a gated one would take without it.
fn is_above(gated: &Matching, open: &Matching) -> bool {
    !is_root(gated) && takes_from(open, gated)
}

fn is_root(matching: &Matching) -> bool {
    matching.prefix() == Some("/")
}

/// Whether `open` is asked before `gated` for requests that both take. Where that can't be known it is assumed.
fn takes_from(open: &Matching, gated: &Matching) -> bool {
    let is_before = match open.priority.cmp(&gated.priority) {
        std::cmp::Ordering::Equal => is_asked_before(open, gated),
        order => order.is_gt(),
    };
    is_before && meet(open.pattern(), gated.pattern()) && may_be_alike(open, gated)
}

/// Whether some request meets the conditions of both, as far as hosts, methods and schemes say.
fn may_be_alike(one: &Matching, other: &Matching) -> bool {
    let hosts = one.hosts.is_empty()
        || other.hosts.is_empty()
        || one.hosts.iter().any(|host| other.hosts.iter().any(|other| host.overlaps(other)));
    let takes = |matching: &Matching, method: &Method| {
        matching.methods.contains(method)
            || *method == Method::HEAD && matching.methods.contains(&Method::GET)
    };
    let methods = one.methods.is_empty()
        || other.methods.is_empty()
        || one.methods.iter().any(|method| takes(other, method))
        || other.methods.iter().any(|method| takes(one, method));
    let schemes = one.scheme.is_none() || other.scheme.is_none() || one.scheme == other.scheme;
    hosts && methods && schemes
}

/// Whether some path is taken by both, for a reader who ignores the case of letters and a slash at the end.
fn meet(one: &PathPattern, other: &PathPattern) -> bool {
    let (mut of_one, mut of_other) = (segments(one), segments(other));
    loop {
        match (of_one.next(), of_other.next()) {
            (Some(segment), Some(of_other)) if may_be_equal(segment, of_other) => {}
            (Some(_), Some(_)) => return false,
            (None, None) => return true,
            (None, Some(_)) => return one.end() != PathEnd::Here,
            (Some(_), None) => return other.end() != PathEnd::Here,
        }
    }
}

/// Without an empty one at the end.
fn segments(pattern: &PathPattern) -> impl Iterator<Item = &PathSegment> {
    let is_empty = |segment: &PathSegment| matches!(segment, PathSegment::Literal(text) if text.is_empty());
    pattern.segments().iter().filter(move |segment| !is_empty(segment))
}

fn may_be_equal(one: &PathSegment, other: &PathSegment) -> bool {
    match (one, other) {
        (PathSegment::Literal(one), PathSegment::Literal(other)) => one.eq_ignore_ascii_case(other),
        (PathSegment::Literal(literal), PathSegment::Name { before, after })
        | (PathSegment::Name { before, after }, PathSegment::Literal(literal)) => {
            let literal = literal.to_ascii_lowercase();
            literal.len() > before.len() + after.len()
                && literal.starts_with(&before.to_ascii_lowercase())
                && literal.ends_with(&after.to_ascii_lowercase())
        }
        (PathSegment::Name { .. }, PathSegment::Name { .. }) => true,
    }
}

/// Whether `one` is asked before `other` for a request that both take, if their priorities are equal.
fn is_asked_before(one: &Matching, other: &Matching) -> bool {
    let (mut of_one, mut of_other) = (segments(one.pattern()), segments(other.pattern()));
    let ends = (one.pattern().end(), other.pattern().end());
    loop {
        let (ahead, behind) = match (of_one.next(), of_other.next()) {
            (Some(segment), Some(of_other)) => (weight(segment), weight(of_other)),
            // What goes on is asked before what takes all that goes on.
            (Some(_), None) => return true,
            (None, Some(_)) => return false,
            (None, None) if ends.0 != ends.1 => return ends.0 < ends.1,
            (None, None) => {
                let (of_one, of_other) = (host_weights(one).max(), host_weights(other).min());
                return (of_one, one.conditions()) >= (of_other, other.conditions());
            }
        };
        if ahead != behind {
            return ahead > behind;
        }
    }
}

/// The higher one is asked first.
fn weight(segment: &PathSegment) -> (usize, usize) {
    match segment {
        PathSegment::Literal(_) => (usize::MAX, 0),
        PathSegment::Name { before, after } => (before.len() + after.len(), before.len()),
    }
}

/// Those of its hosts: the higher one is asked first.
fn host_weights(matching: &Matching) -> impl Iterator<Item = usize> {
    let any = matching.hosts.is_empty().then_some(0);
    let hosts = matching.hosts.iter().map(|host| match host {
        HostPattern::Name(_) | HostPattern::Address(_) => usize::MAX,
        HostPattern::Below(domain) => domain.len(),
    });
    any.into_iter().chain(hosts)
}
