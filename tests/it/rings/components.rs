//! Strongly connected components, by Tarjan's algorithm.

use std::collections::{BTreeMap, BTreeSet};

use super::resolved::Arrows;

/// Every group of two or more files in which each leads to each.
pub(super) fn rings(arrows: &Arrows) -> Vec<BTreeSet<&str>> {
    let mut search = Search::default();
    for (from, to) in arrows.keys() {
        search.next.entry(from).or_default().push(to);
    }
    for file in search.next.keys().copied().collect::<Vec<_>>() {
        if !search.index.contains_key(file) {
            search.visit(file);
        }
    }
    search.rings
}

#[derive(Default)]
struct Search<'a> {
    next: BTreeMap<&'a str, Vec<&'a str>>,
    index: BTreeMap<&'a str, usize>,
    lowest: BTreeMap<&'a str, usize>,
    open: Vec<&'a str>,
    rings: Vec<BTreeSet<&'a str>>,
}

impl<'a> Search<'a> {
    fn visit(&mut self, file: &'a str) {
        let index = self.index.len();
        self.index.insert(file, index);
        self.open.push(file);
        let mut lowest = index;
        for to in self.next.get(file).cloned().unwrap_or_default() {
            if !self.index.contains_key(to) {
                self.visit(to);
                lowest = lowest.min(self.lowest[to]);
            } else if self.open.contains(&to) {
                lowest = lowest.min(self.index[to]);
            }
        }
        self.lowest.insert(file, lowest);
        if lowest == index {
            let begin = self.open.iter().position(|open| *open == file).unwrap();
            let ring: BTreeSet<&str> = self.open.drain(begin..).collect();
            if ring.len() > 1 {
                self.rings.push(ring);
            }
        }
    }
}
