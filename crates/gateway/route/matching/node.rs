//! A place in the tree of paths, and what goes on from there.

use std::cmp::Reverse;
use std::ops::Range;

use crate::config::PathEnd;

/// The index of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NodeId(pub(super) usize);

/// What is known of all paths that begin with the same segments.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    /// Sorted.
    literals: Vec<(Box<[u8]>, NodeId)>,
    /// Those with more bytes of their own come first.
    pub(super) names: Vec<(Name, NodeId)>,
    /// The routes whose path ends here.
    pub(super) here: Place,
    /// Those that take whatever follows a slash.
    pub(super) rest: Place,
    /// Those that take this path and everything below it.
    pub(super) below: Place,
}

/// A range of entries.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    pub(super) begin: usize,
    pub(super) end: usize,
}

impl Place {
    pub(super) fn is_empty(self) -> bool {
        self.begin == self.end
    }
}

/// A segment of which a part is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    before: Box<[u8]>,
    after: Box<[u8]>,
}

impl Name {
    pub(super) fn of(before: &str, after: &str) -> Self {
        Self { before: before.as_bytes().into(), after: after.as_bytes().into() }
    }

    /// The named part of a segment that fits. It has at least one byte.
    pub(super) fn within(&self, segment: &[u8]) -> Option<Range<usize>> {
        let fits = segment.len() > self.before.len() + self.after.len()
            && segment.starts_with(&self.before)
            && segment.ends_with(&self.after);
        fits.then(|| self.before.len()..segment.len() - self.after.len())
    }

    fn rank(&self) -> Reverse<(usize, usize)> {
        Reverse((self.before.len() + self.after.len(), self.before.len()))
    }
}

impl Node {
    pub(super) fn literal(&self, segment: &[u8]) -> Option<NodeId> {
        let index = self.literals.binary_search_by(|(other, _)| (**other).cmp(segment)).ok()?;
        self.literals.get(index).map(|(_, child)| *child)
    }

    /// The child with this segment, or `new` if there was none.
    pub(super) fn literal_or(&mut self, segment: &str, new: NodeId) -> NodeId {
        self.literal(segment.as_bytes()).unwrap_or_else(|| {
            let at = self.literals.partition_point(|(other, _)| **other < *segment.as_bytes());
            self.literals.insert(at, (segment.as_bytes().into(), new));
            new
        })
    }

    /// The child with this segment, or `new` if there was none.
    pub(super) fn name_or(&mut self, name: Name, new: NodeId) -> NodeId {
        if let Some((_, child)) = self.names.iter().find(|(other, _)| *other == name) {
            return *child;
        }
        let at = self.names.partition_point(|(other, _)| other.rank() <= name.rank());
        self.names.insert(at, (name, new));
        new
    }

    pub(super) fn place_mut(&mut self, end: PathEnd) -> &mut Place {
        match end {
            PathEnd::Here => &mut self.here,
            PathEnd::Rest => &mut self.rest,
            PathEnd::Below => &mut self.below,
        }
    }
}
