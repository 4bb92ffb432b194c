//! Why a route takes a request or doesn't, in the words of the matcher itself.

use std::fmt;
use std::ops::ControlFlow;

use http::Request;

use super::conditions::{self, Unmet};
use super::hosts::{HostId, Hosts};
use super::tree::{Spelling, Tree, Wanted};
use super::{Matcher, Rule};
use crate::config::Matching;

/// What a route says to a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Verdict<'a> {
    /// It takes it.
    Takes,
    /// It would take it, but one that is asked before takes it.
    IsAskedLater,
    /// It isn't for the path.
    Path,
    /// It isn't for the host.
    Host,
    /// A condition doesn't hold.
    Unmet(Unmet<'a>),
}

impl<T> Matcher<T> {
    /// What each route says to a request, in the order in which they were given.
    pub(crate) fn verdicts<B>(&self, request: &Request<B>) -> impl Iterator<Item = (&T, Verdict<'_>)> {
        let taken_by = self.found(request).map(|found| found.rule);
        self.rules.iter().enumerate().map(move |(index, rule)| {
            let verdict = match refusal(rule, request) {
                Some(verdict) => verdict,
                None if taken_by == Some(index) => Verdict::Takes,
                None => Verdict::IsAskedLater,
            };
            (&rule.value, verdict)
        })
    }
}

/// What a route says to a request if there is no other route. `None` if it takes it.
fn refusal<'a, T, B>(rule: &'a Rule<T>, request: &Request<B>) -> Option<Verdict<'a>> {
    let matching = &rule.matching;
    let hosts = Hosts::of(matching.hosts.iter());
    let anywhere = Matching { hosts: Vec::new(), ..matching.clone() };
    let path = request.uri().path().as_bytes();
    let takes = |matching: &Matching, host: HostId| {
        let tree = Tree::of(Spelling::Raw, &hosts, std::iter::once((0, matching)));
        tree.walk(Wanted { path, host, hosts: &hosts }, |_| ControlFlow::Break(())).is_break()
    };
    if !takes(&anywhere, HostId::ANY) {
        return Some(Verdict::Path);
    }
    if !takes(matching, hosts.narrowest(request)) {
        return Some(Verdict::Host);
    }
    let regex = || matching.path_regex().filter(|regex| !regex.is_match(path)).map(Unmet::Regex);
    conditions::unmet(matching, request).or_else(regex).map(Verdict::Unmet)
}

impl fmt::Display for Verdict<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Takes => f.write_str("all of its conditions hold"),
            Self::IsAskedLater => {
                f.write_str("all of its conditions hold, but another route is asked before")
            }
            Self::Path => f.write_str("it isn't for this path"),
            Self::Host => f.write_str("it isn't for this host"),
            Self::Unmet(unmet) => unmet.fmt(f),
        }
    }
}
