//! A tree of the segments of all routes' paths. A request's path goes down in it, and comes to the routes in the order in
//! which they are asked.

use std::cmp::Reverse;
use std::ops::{ControlFlow, Range};

use super::captures::Captures;
use super::hosts::{HostId, Hosts};
use super::node::{Name, Node, NodeId, Place};
use crate::config::{Matching, PathSegment};

/// How paths are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// Byte by byte.
    Raw,
    /// As a reader does who ignores the case of letters and a slash at the end. Such a path is in lower case already, and
    /// doesn't end in a slash.
    Lenient,
}

/// Routes of one priority, by their paths.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    spelling: Spelling,
    nodes: Vec<Node>,
    /// The routes of each place side by side, in the order in which they are asked.
    entries: Vec<Entry>,
}

/// A route with one of its hosts.
#[derive(Clone, Copy, Debug)]
struct Entry {
    host: HostId,
    rule: usize,
}

/// A route that takes the path and the host.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) rule: usize,
    /// The length of the path that the route's own segments took.
    pub(super) taken: usize,
    pub(super) captures: Captures,
}

/// A path and a host that routes are looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    pub(super) path: &'a [u8],
    pub(super) host: HostId,
    pub(super) hosts: &'a Hosts,
}

impl Tree {
    /// The tree of these routes, each with its number.
    pub(super) fn of<'a>(
        spelling: Spelling,
        hosts: &Hosts,
        routes: impl Iterator<Item = (usize, &'a Matching)>,
    ) -> Self {
        let mut tree = Self { spelling, nodes: vec![Node::default()], entries: Vec::new() };
        let mut leaves = Vec::new();
        for (rule, matching) in routes {
            let node = tree.grown(matching.pattern().segments());
            let end = matching.pattern().end();
            let conditions = Reverse(matching.conditions());
            let mut leaf = |host| leaves.push(((node, end), host, conditions, rule));
            if matching.hosts.is_empty() {
                leaf(HostId::ANY);
            }
            matching.hosts.iter().filter_map(|host| hosts.id(host)).for_each(leaf);
        }
        leaves.sort_unstable();
        leaves.dedup();
        for ((node, end), host, _, rule) in leaves {
            tree.entries.push(Entry { host, rule });
            let until = tree.entries.len();
            let place = tree.nodes.get_mut(node.0).map(|node| node.place_mut(end));
            if let Some(place) = place {
                place.begin = if place.is_empty() { until - 1 } else { place.begin };
                place.end = until;
            }
        }
        tree
    }

    fn grown(&mut self, segments: &[PathSegment]) -> NodeId {
        let mut at = NodeId(0);
        for segment in segments {
            let new = NodeId(self.nodes.len());
            let Some(node) = self.nodes.get_mut(at.0) else { break };
            at = match (segment, self.spelling) {
                (PathSegment::Literal(literal), Spelling::Lenient) if literal.is_empty() => at,
                (PathSegment::Literal(literal), Spelling::Raw) => node.literal_or(literal, new),
                (PathSegment::Literal(literal), Spelling::Lenient) => {
                    node.literal_or(&literal.to_ascii_lowercase(), new)
                }
                (PathSegment::Name { before, after }, Spelling::Raw) => {
                    node.name_or(Name::of(before, after), new)
                }
                (PathSegment::Name { before, after }, Spelling::Lenient) => {
                    node.name_or(Name::of(&before.to_ascii_lowercase(), &after.to_ascii_lowercase()), new)
                }
            };
            if at == new {
                self.nodes.push(Node::default());
            }
        }
        at
    }

    /// Tells `each` of the routes that take a path and a host, those that are asked first before the others, until it
    /// breaks.
    pub(super) fn walk(
        &self,
        wanted: Wanted<'_>,
        each: impl FnMut(Found) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let Some(root) = self.nodes.first() else { return ControlFlow::Continue(()) };
        let mut walk = Walk { tree: self, wanted, captures: Captures::default(), each };
        match wanted.path.first() {
            None | Some(b'/') => walk.from(root, 0),
            Some(_) => walk.offer(root.below, 0),
        }
    }
}

struct Walk<'a, F> {
    tree: &'a Tree,
    wanted: Wanted<'a>,
    captures: Captures,
    each: F,
}

impl<F: FnMut(Found) -> ControlFlow<()>> Walk<'_, F> {
    /// Goes on from a node. The path is taken up to `at`, which is its end or a slash.
    fn from(&mut self, node: &Node, at: usize) -> ControlFlow<()> {
        match self.wanted.path.get(at + 1..) {
            Some(rest) => {
                let length = rest.iter().position(|byte| *byte == b'/').unwrap_or(rest.len());
                self.within_segment(node, at + 1..at + 1 + length)?;
                self.offer_capturing(node.rest, at, at + 1..self.wanted.path.len())?;
            }
            None => {
                self.offer(node.here, at)?;
                if self.tree.spelling == Spelling::Lenient {
                    self.offer(node.rest, at)?;
                }
            }
        }
        self.offer(node.below, at)
    }

    fn within_segment(&mut self, node: &Node, place: Range<usize>) -> ControlFlow<()> {
        let tree = self.tree;
        let segment = self.wanted.path.get(place.clone()).unwrap_or_default();
        if let Some(child) = node.literal(segment).and_then(|child| tree.nodes.get(child.0)) {
            self.from(child, place.end)?;
        }
        for (name, child) in &node.names {
            if let (Some(named), Some(child)) = (name.within(segment), tree.nodes.get(child.0)) {
                self.captures.push(place.start + named.start..place.start + named.end);
                self.from(child, place.end)?;
                self.captures.pop();
            }
        }
        ControlFlow::Continue(())
    }

    fn offer_capturing(&mut self, place: Place, taken: usize, rest: Range<usize>) -> ControlFlow<()> {
        if place.is_empty() {
            return ControlFlow::Continue(());
        }
        self.captures.push(rest);
        self.offer(place, taken)?;
        self.captures.pop();
        ControlFlow::Continue(())
    }

    /// Tells of the routes at a place that take the host, the narrowest first.
    fn offer(&mut self, place: Place, taken: usize) -> ControlFlow<()> {
        let tree = self.tree;
        let entries = tree.entries.get(place.begin..place.end).unwrap_or_default();
        if entries.is_empty() {
            return ControlFlow::Continue(());
        }
        for host in self.wanted.hosts.widening(self.wanted.host) {
            let first = entries.partition_point(|entry| entry.host < host);
            let of_host = entries.get(first..).unwrap_or_default();
            for entry in of_host.iter().take_while(|entry| entry.host == host) {
                (self.each)(Found { rule: entry.rule, taken, captures: self.captures })?;
            }
        }
        ControlFlow::Continue(())
    }
}
