//! Which route takes a request.
//!
//! A [`Matcher`] is made once of the conditions of all routes. To find the route of a request costs no allocation, and
//! depends on the length of its path rather than on the number of routes: the path goes down a tree of segments, the host
//! is looked up once and then compared as a number, and only what is left, the routes of the same path and host, is asked
//! one by one.
//!
//! - `tree`, `node`: the paths. `hosts`: the hosts. `conditions`: everything else.
//! - `around`: whether another spelling of a path would lead to a gated route.
//! - `verdict`: why a route doesn't take a request.

mod around;
mod captures;
mod conditions;
mod hosts;
mod node;
mod plain;
#[cfg(test)]
mod tests;
mod tree;
mod verdict;

use std::fmt;
use std::ops::ControlFlow;

use http::Request;

pub use self::captures::Captures;
use self::hosts::Hosts;
use self::tree::{Found, Spelling, Tree, Wanted};
pub(crate) use self::verdict::Verdict;
use crate::config::{Matching, PathEnd};

/// Finds the route of a request.
///
/// Routes are asked in this order, and the first one whose conditions all hold takes the request:
///
/// 1. by their priority, the highest first;
/// 2. by their path, segment by segment from the left: a literal segment before one with a name, and that before
///    `{*rest}`; of two that begin alike the longer one, and an exact path before all others;
/// 3. by their host: a name before `*.domain`, a longer domain before a shorter one, none last;
/// 4. by the number of their other conditions, the most first;
/// 5. by their order.
///
/// ```
/// use gateway::config::{Matching, PathPattern};
/// use gateway::route::{Matcher, Rule};
/// use http::Request;
///
/// let user = Matching::path(PathPattern::pattern("/users/{id}")?);
/// let mut mine = user.clone();
/// mine.hosts.push("me.example".parse()?);
/// let matcher = Matcher::new(vec![
///     Rule::new(Matching::below("/users")?, "users"),
///     Rule::new(user, "user"),
///     Rule::new(mine, "mine"),
/// ]);
///
/// let request = Request::get("/users/17").header("host", "api.example").body(())?;
/// let matched = matcher.find(&request).ok_or("no route")?;
/// assert_eq!(*matched.value, "user");
/// assert_eq!(matched.captures.of(request.uri().path(), 0), Some("17"));
///
/// let request = Request::get("/users/17/x").header("host", "me.example").body(())?;
/// assert_eq!(matcher.find(&request).map(|matched| *matched.value), Some("users"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Matcher<T> {
    rules: Vec<Rule<T>>,
    hosts: Hosts,
    /// A tree for each priority, the highest first.
    trees: Vec<Tree>,
    /// The same, as lenient readers compare paths. Empty if no route is gated.
    lenient: Vec<Tree>,
    /// Whether a path that everyone reads in the same way may be one around a gate.
    is_plain_suspect: bool,
}

/// A route: which requests it takes, and what is found for them.
#[derive(Clone, Debug)]
pub struct Rule<T> {
    matching: Matching,
    is_gated: bool,
    value: T,
}

impl<T> Rule<T> {
    /// A route that everyone may enter.
    pub fn new(matching: Matching, value: T) -> Self {
        Self { matching, is_gated: false, value }
    }

    /// The same conditions for something else.
    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Rule<U> {
        Rule { matching: self.matching, is_gated: self.is_gated, value: change(self.value) }
    }

    pub(crate) fn matching(&self) -> &Matching {
        &self.matching
    }

    pub(crate) fn with_priority(self, priority: i32) -> Self {
        Self { matching: Matching { priority, ..self.matching }, ..self }
    }

    /// A route that not everyone may enter. [`Matcher::has_way_around`] looks after it.
    #[must_use]
    pub fn gated(self) -> Self {
        Self { is_gated: true, ..self }
    }
}

/// The route of a request.
#[derive(Clone, Copy, Debug)]
pub struct Matched<'m, T> {
    /// What was given with the route.
    pub value: &'m T,
    /// The length of its prefix, in bytes of the path. 0 if its path isn't a prefix, or is `/`.
    pub prefix: usize,
    /// What its names have captured.
    pub captures: Captures,
}

impl<T> Matcher<T> {
    /// Compiles the conditions of these routes. Where nothing else decides, earlier ones are asked first.
    pub fn new(rules: Vec<Rule<T>>) -> Self {
        let hosts = Hosts::of(rules.iter().flat_map(|rule| &rule.matching.hosts));
        let is_any_gated = rules.iter().any(|rule| rule.is_gated);
        let mut matcher = Self {
            is_plain_suspect: rules
                .iter()
                .any(|rule| rule.is_gated && !plain::is_plain_prefix(&rule.matching)),
            rules,
            hosts,
            trees: Vec::new(),
            lenient: Vec::new(),
        };
        matcher.trees = matcher.grown(Spelling::Raw);
        if is_any_gated {
            matcher.lenient = matcher.grown(Spelling::Lenient);
        }
        matcher
    }

    fn grown(&self, spelling: Spelling) -> Vec<Tree> {
        let mut priorities: Vec<i32> = self.rules.iter().map(|rule| rule.matching.priority).collect();
        priorities.sort_unstable_by(|a, b| b.cmp(a));
        priorities.dedup();
        let tree = |priority| {
            let rules = self.rules.iter().map(|rule| &rule.matching).enumerate();
            let rules = rules.filter(|(_, matching)| matching.priority == priority);
            Tree::of(spelling, &self.hosts, rules)
        };
        priorities.into_iter().map(tree).collect()
    }

    /// Finds the route that takes a request. It compares the bytes of the path as they are.
    pub fn find<B>(&self, request: &Request<B>) -> Option<Matched<'_, T>> {
        let found = self.found(request)?;
        let rule = self.rules.get(found.rule)?;
        let mut captures = found.captures;
        let path = request.uri().path();
        let groups = rule.matching.path_regex().filter(|regex| !regex.names().is_empty());
        for place in groups.and_then(|regex| regex.groups(path.as_bytes())).into_iter().flatten() {
            captures.push(place.unwrap_or_default());
        }
        let is_prefix = rule.matching.pattern().end() == PathEnd::Below;
        Some(Matched { value: &rule.value, prefix: if is_prefix { found.taken } else { 0 }, captures })
    }

    fn found<B>(&self, request: &Request<B>) -> Option<Found> {
        let path = request.uri().path().as_bytes();
        let wanted = Wanted { path, host: self.hosts.narrowest(request), hosts: &self.hosts };
        let mut first = None;
        let mut look = |tree: &Tree| {
            tree.walk(wanted, |found| match self.holds(found.rule, request) {
                false => ControlFlow::Continue(()),
                true => {
                    first = Some(found);
                    ControlFlow::Break(())
                }
            })
        };
        self.trees.iter().find(|tree| look(tree).is_break());
        first
    }

    fn holds<B>(&self, rule: usize, request: &Request<B>) -> bool {
        self.rules.get(rule).is_some_and(|rule| {
            let matching = &rule.matching;
            !matching.is_conditional()
                || conditions::unmet(matching, request).is_none()
                    && matching
                        .path_regex()
                        .is_none_or(|regex| regex.is_match(request.uri().path().as_bytes()))
        })
    }
}

impl<T> Default for Matcher<T> {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl<T> fmt::Debug for Matcher<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.rules.iter().map(|rule| rule.matching.path_in_file())).finish()
    }
}
