//! Whether another spelling of a path would lead to a gated route.
//!
//! Raw bytes decide which route takes a request. An upstream may read the same path in another way: it may decode it, merge
//! slashes, cut off parameters, ignore case or a slash at the end, or leave out control characters. If the gated route
//! would take the request with the path as the upstream reads it, but another route takes it as it stands, then that other
//! route leads around the gate.

use std::ops::ControlFlow;

use http::Request;
use proxy_service::path::any_reading;

use super::hosts::HostId;
use super::plain::is_plain;
use super::tree::{Tree, Wanted};
use super::{Matcher, conditions};
use crate::config::Matching;

impl<T> Matcher<T> {
    /// Whether a request gets around a gate: in some reading of its path and host, a gated route would take it that doesn't
    /// take it as it is. To be refused, whoever takes it.
    ///
    /// Everything else of the request counts as it is. So a path is refused only for the hosts, methods and so on that the
    /// gated route takes.
    ///
    /// ```
    /// use gateway::config::{Matching, PathPattern};
    /// use gateway::route::{Matcher, Rule};
    /// use http::Request;
    ///
    /// let matcher = Matcher::new(vec![
    ///     Rule::new(Matching::path(PathPattern::root()), "open"),
    ///     Rule::new(Matching::path(PathPattern::pattern("/{team}/admin")?), "gated").gated(),
    /// ]);
    /// assert!(matcher.has_way_around(&Request::get("/red/%41dmin;x=1").body(())?));
    /// assert!(!matcher.has_way_around(&Request::get("/red/admin").body(())?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn has_way_around<B>(&self, request: &Request<B>) -> bool {
        if self.lenient.is_empty() {
            return false;
        }
        let host = self.hosts.asked(request).filter(|host| host.contains(&b'%'));
        let encoded = host.and_then(|host| std::str::from_utf8(host).ok());
        if encoded.is_none() && !self.is_plain_suspect && is_plain(request.uri().path()) {
            return false;
        }
        let taken_by = self.found(request).map(|found| found.rule);
        let detour = Detour { matcher: self, request, taken_by };
        match encoded {
            None => detour.leads_to_gate(self.hosts.narrowest(request)),
            Some(host) => any_reading(host, |reading| detour.leads_to_gate(self.hosts.of_host(reading))),
        }
    }
}

/// A request that may get around a gate.
struct Detour<'a, T, B> {
    matcher: &'a Matcher<T>,
    request: &'a Request<B>,
    /// The route that takes it as it is.
    taken_by: Option<usize>,
}

impl<T, B> Detour<'_, T, B> {
    /// Whether it leads to a gate in some reading of its path, if this is its host.
    fn leads_to_gate(&self, host: HostId) -> bool {
        let path = self.request.uri().path();
        match is_plain(path) {
            // The only other reading is the one without a slash at the end.
            true => self.leads_to_gate_as(path.strip_suffix('/').unwrap_or(path).as_bytes(), host),
            false => any_reading(path, |reading| self.leads_to_gate_as(reading, host)),
        }
    }

    /// Whether a gated route would take the request if these were its path and host, and doesn't take it as it is.
    fn leads_to_gate_as(&self, path: &[u8], host: HostId) -> bool {
        let wanted = Wanted { path, host, hosts: &self.matcher.hosts };
        let mut leads_to_gate = false;
        let mut look = |tree: &Tree| {
            tree.walk(wanted, |found| {
                let is_taken = self.taken_by == Some(found.rule);
                let rule = self.matcher.rules.get(found.rule).filter(|rule| is_taken || rule.is_gated);
                // An open route that doesn't take the path as it is doesn't take it in this reading either.
                match rule {
                    Some(rule) if self.would_take(&rule.matching, path) => {
                        leads_to_gate = !is_taken;
                        ControlFlow::Break(())
                    }
                    _ => ControlFlow::Continue(()),
                }
            })
        };
        self.matcher.lenient.iter().find(|tree| look(tree).is_break());
        leads_to_gate
    }

    fn would_take(&self, matching: &Matching, reading: &[u8]) -> bool {
        conditions::unmet(matching, self.request).is_none() && is_found_in(matching, reading)
    }
}

/// Whether the regular expression finds something in a path that is in lower case and doesn't end in a slash, or in the
/// same with a slash.
fn is_found_in(matching: &Matching, reading: &[u8]) -> bool {
    matching.path_regex().is_none_or(|regex| {
        regex.is_match_in_any_case(reading) || regex.is_match_in_any_case(&[reading, b"/"].concat())
    })
}
