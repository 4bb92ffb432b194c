//! Keys that can't have an effect on what a route does.

use super::action::ACTIONS;
use crate::config::report::{Problem, Report};
use crate::config::section::Section;

/// Keys about pools, and about requests on their way to an upstream.
const OF_UPSTREAMS: [&str; 11] = [
    "fallback",
    "mirror",
    "max_body",
    "buffer",
    "upstream_host",
    "query_rewrite",
    "request_trailers",
    "response_trailers",
    "redirects",
    "cookies",
    "upgrade",
];

/// Keys that change requests. They also decide which of several files is the answer.
const OF_REQUESTS: [&str; 5] = ["strip_prefix", "add_prefix", "rewrite", "method", "request_headers"];

/// The key by which a route answers requests itself, without an upstream.
#[derive(Clone, Copy, Debug)]
pub(super) struct OwnAnswer(&'static str);

impl OwnAnswer {
    /// `None` if the route forwards requests, or doesn't say clearly what it does.
    pub(super) fn of(route: &Section<'_>) -> Option<Self> {
        let mut given = ACTIONS.into_iter().filter(|key| route.has(key));
        match (given.next()?, given.next()) {
            ("pool" | "split", _) | (_, Some(_)) => None,
            (action, None) => Some(Self(action)),
        }
    }

    /// Refuses the keys of a route that would have no effect beside this one.
    pub(super) fn refuse_others(self, route: &mut Section<'_>, report: &mut Report) {
        self.refuse(&OF_UPSTREAMS, route, report);
        if self.0 != "files" {
            self.refuse(&OF_REQUESTS, route, report);
        }
    }

    /// Refuses keys of a route, or of a table in it, that are about upstreams.
    pub(super) fn refuse(self, keys: &[&str], section: &mut Section<'_>, report: &mut Report) {
        let Self(action) = self;
        for key in keys.iter().filter_map(|key| section.take_misplaced(key)).collect::<Vec<_>>() {
            let (path, key, span) = (section.path_to(key.get_ref()), key.get_ref(), key.span());
            let problem = Problem::new(span, format!("{path}: no upstream gets what {action} answers"));
            report.error(problem.expecting(format!("pool or split in place of {action}, or no {key}")));
        }
    }
}
