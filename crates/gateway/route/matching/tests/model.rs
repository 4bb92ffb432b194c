//! Slow models: routes are asked one by one, and paths are decoded into all of their readings.

use http::{HeaderName, Request};

use crate::config::{Matching, PathPattern, ValueTest};
use crate::route::{Matcher, Rule};

/// Headers of which a request has the first so many.
pub(super) const CONDITIONS: [&str; 2] = ["one", "two"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Exact,
    Prefix,
    Rest,
}

#[derive(Clone, Debug)]
pub(super) struct Route {
    pub(super) kind: Kind,
    pub(super) segments: Vec<&'static str>,
    pub(super) hosts: Vec<&'static str>,
    pub(super) priority: i32,
    pub(super) conditions: usize,
    pub(super) is_gated: bool,
}

#[derive(Debug)]
pub(super) struct Model {
    routes: Vec<Route>,
}

/// The higher one is asked first.
type Rank = (i32, Vec<(u8, usize, usize)>, usize, usize, std::cmp::Reverse<usize>);

#[derive(Debug)]
pub(super) struct Found {
    pub(super) index: usize,
    pub(super) captures: Vec<String>,
    rank: Rank,
}

/// How paths are compared.
#[derive(Clone, Copy, PartialEq)]
enum Reader {
    Raw,
    Lenient,
}

impl Model {
    pub(super) fn of(mut routes: Vec<Route>) -> Self {
        // A prefix has no names.
        routes.retain(|route| {
            route.kind != Kind::Prefix || route.segments.iter().all(|text| !text.contains('{'))
        });
        Self { routes }
    }

    pub(super) fn matcher(&self) -> Matcher<usize> {
        let rules = self.routes.iter().enumerate().map(|(index, route)| {
            let rule = Rule::new(route.matching(), index);
            if route.is_gated { rule.gated() } else { rule }
        });
        Matcher::new(rules.collect())
    }

    pub(super) fn find(&self, request: &Request<()>) -> Option<Found> {
        self.takers(request, request.uri().path(), Reader::Raw)
            .into_iter()
            .max_by_key(|found| found.rank.clone())
    }

    pub(super) fn has_way_around(&self, request: &Request<()>) -> bool {
        let taken_by = self.find(request).map(|found| found.index);
        readings(request.uri().path()).iter().any(|reading| {
            let takers = self.takers(request, reading, Reader::Lenient);
            let own =
                takers.iter().find(|found| Some(found.index) == taken_by).map(|found| found.rank.clone());
            let is_gate = |found: &&Found| self.routes[found.index].is_gated && Some(found.index) != taken_by;
            takers.iter().filter(is_gate).any(|gate| own.as_ref().is_none_or(|own| gate.rank > *own))
        })
    }

    fn takers(&self, request: &Request<()>, path: &str, reader: Reader) -> Vec<Found> {
        let host = request.headers()["host"].to_str().unwrap().to_lowercase();
        let host = host.split(':').next().unwrap().trim_end_matches('.');
        let numbered = self.routes.iter().enumerate();
        let conditions = CONDITIONS.iter().filter(|name| request.headers().contains_key(**name)).count();
        numbered
            .filter(|(_, route)| route.conditions <= conditions)
            .filter_map(|(index, route)| {
                let captures = route.taken(path, reader)?;
                let of_host = route.hosts.iter().filter_map(|pattern| match pattern.strip_prefix('*') {
                    Some(domain) => host.ends_with(domain).then_some(domain.len()),
                    None => (*pattern == host).then_some(usize::MAX),
                });
                let host = of_host.max().or(route.hosts.is_empty().then_some(0))?;
                let index_rank = std::cmp::Reverse(index);
                let rank = (route.priority, route.path_rank(reader), host, route.conditions, index_rank);
                Some(Found { index, captures, rank })
            })
            .collect()
    }
}

impl Route {
    fn matching(&self) -> Matching {
        let mut text: String = self
            .segments
            .iter()
            .enumerate()
            .map(|(index, segment)| format!("/{}", segment.replace('x', &format!("x{index}"))))
            .collect();
        let path = match self.kind {
            Kind::Rest => PathPattern::pattern(&format!("{text}/{{*rest}}")),
            _ if text.is_empty() => {
                text.push('/');
                if self.kind == Kind::Exact { PathPattern::exact(&text) } else { PathPattern::prefix(&text) }
            }
            Kind::Prefix => PathPattern::prefix(&text),
            Kind::Exact => PathPattern::pattern(&text),
        };
        let mut matching = Matching::path(path.unwrap());
        matching.hosts = self.hosts.iter().map(|host| host.parse().unwrap()).collect();
        let headers = CONDITIONS.iter().take(self.conditions);
        matching.headers = headers.map(|name| (HeaderName::from_static(name), ValueTest::Exists)).collect();
        matching.priority = self.priority;
        matching
    }

    /// What its names capture, if it takes the path.
    fn taken(&self, path: &str, reader: Reader) -> Option<Vec<String>> {
        let mut own = self.segments.clone();
        if self.kind == Kind::Exact && own.is_empty() && reader == Reader::Raw {
            own.push("");
        }
        let folded =
            |text: &str| if reader == Reader::Lenient { text.to_lowercase() } else { text.to_owned() };
        let mut of_path: Vec<&str> = path.split('/').skip(1).collect();
        if reader == Reader::Lenient && path.is_empty() {
            of_path.clear();
        }
        if of_path.len() < own.len() {
            return None;
        }
        let rest = of_path.split_off(own.len());
        let mut captures = Vec::new();
        for (pattern, segment) in own.iter().zip(of_path) {
            match pattern.split_once("{x}") {
                None if folded(pattern) == segment => {}
                None => return None,
                Some((before, after)) => {
                    let (before, after) = (folded(before), folded(after));
                    let named = segment.strip_prefix(&*before)?.strip_suffix(&*after)?;
                    if named.is_empty() {
                        return None;
                    }
                    captures.push(named.to_owned());
                }
            }
        }
        match self.kind {
            Kind::Exact if !rest.is_empty() => return None,
            Kind::Rest if rest.is_empty() && reader == Reader::Raw => return None,
            Kind::Rest => captures.push(rest.join("/")),
            _ => {}
        }
        Some(captures)
    }

    fn path_rank(&self, reader: Reader) -> Vec<(u8, usize, usize)> {
        let segments = self.segments.iter().map(|segment| match segment.split_once("{x}") {
            None => (4, 0, 0),
            Some((before, after)) => (3, before.len() + after.len(), before.len()),
        });
        let slash = self.kind == Kind::Exact && self.segments.is_empty() && reader == Reader::Raw;
        let end = match self.kind {
            Kind::Exact if slash => (4, 0, 0),
            Kind::Exact => (2, 0, 0),
            Kind::Rest => (1, 0, 0),
            Kind::Prefix => (0, 0, 0),
        };
        segments.chain([end]).collect()
    }
}

/// All readings of a path: in lower case, without empty segments, parameters and control bytes.
fn readings(path: &str) -> Vec<String> {
    let raw = path.as_bytes().to_vec();
    let mut readings = vec![raw.clone()];
    let either = [false, true];
    let choices =
        either.into_iter().flat_map(|a| either.into_iter().flat_map(move |b| either.map(|c| (a, b, c))));
    for (cut_first, first, second) in choices {
        let once = decoded(&if cut_first { cut(&raw) } else { raw.clone() }, first);
        readings.push(once.clone());
        for drops_control in [false, true] {
            let once = if drops_control { printable(&once) } else { once.clone() };
            readings.push(decoded(&once, second));
            readings.push(decoded(&cut(&once), second));
        }
    }
    let normal = |(reading, separators): (&Vec<u8>, &[char])| {
        let text = String::from_utf8_lossy(&printable(&cut(reading))).to_ascii_lowercase();
        text.split(separators)
            .filter(|segment| !segment.is_empty())
            .fold(String::new(), |path, next| path + "/" + next)
    };
    let separators: [&[char]; 2] = [&['/', '\\'], &['/']];
    readings.iter().flat_map(|reading| separators.map(|separators| normal((reading, separators)))).collect()
}

/// Cuts each segment at its `;`. A backslash ends it for those who take it for a slash, and nobody else cuts.
fn cut(path: &[u8]) -> Vec<u8> {
    let segments = path.split_inclusive(|byte| matches!(byte, b'/' | b'\\'));
    let cut = segments.map(|segment| match segment.iter().position(|byte| *byte == b';') {
        None => segment.to_vec(),
        Some(semicolon) => {
            let end = segment.last().filter(|byte| matches!(byte, b'/' | b'\\'));
            segment[..semicolon].iter().chain(end).copied().collect()
        }
    });
    cut.collect::<Vec<_>>().concat()
}

fn printable(path: &[u8]) -> Vec<u8> {
    path.iter().copied().filter(|byte| !byte.is_ascii_control()).collect()
}

/// `keeps` slashes, semicolons and control bytes that were encoded as letters of their segment.
fn decoded(path: &[u8], keeps: bool) -> Vec<u8> {
    let (mut decoded, mut rest) = (Vec::new(), path);
    while let Some(first) = rest.first() {
        let code =
            rest.get(1..3).filter(|_| *first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        let code = code.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let code = code.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let kept =
            code.filter(|code| keeps && (b"/\\;".contains(code) || code.is_ascii_control())).map(|_| b'"');
        decoded.push(kept.or(code).unwrap_or(*first));
        rest = &rest[if code.is_some() { 3 } else { 1 }..];
    }
    decoded
}
