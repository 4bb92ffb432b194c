//! Which rings are excused, and what is said of the others.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::components::rings;
use super::resolved::Arrows;

/// Files and folders (which end with `/`) among which rings are let pass.
pub(super) struct Exception<'a> {
    pub(super) among: &'a [&'a str],
    pub(super) reason: &'a str,
}

impl Exception<'_> {
    fn excuses(&self, ring: &BTreeSet<&str>) -> bool {
        ring.iter().all(|file| self.among.iter().any(|place| is_in(file, place)))
    }
}

fn is_in(file: &str, place: &str) -> bool {
    if place.ends_with('/') { file.starts_with(place) } else { file == place }
}

/// A text for each ring that isn't excused, and for each exception, or part of one, that excuses nothing.
pub(super) fn complaints(arrows: &Arrows, exceptions: &[Exception<'_>]) -> Vec<String> {
    let rings = rings(arrows);
    let mut complaints = Vec::new();
    for ring in &rings {
        if !exceptions.iter().any(|exception| exception.excuses(ring)) {
            complaints.push(described(ring, arrows));
        }
    }
    for exception in exceptions {
        let excused: Vec<_> = rings.iter().filter(|ring| exception.excuses(ring)).collect();
        for place in exception.among {
            if !excused.iter().any(|ring| ring.iter().any(|file| is_in(file, place))) {
                let reason = exception.reason;
                complaints.push(format!("delete {place} from the exception \"{reason}\": it's in no ring"));
            }
        }
    }
    complaints
}

/// The shortest way round, then the other arrows among the same files.
fn described(ring: &BTreeSet<&str>, arrows: &Arrows) -> String {
    let shortest = shortest_way_round(ring, arrows);
    let mut first = Vec::new();
    let mut others = Vec::new();
    for ((from, to), line) in arrows {
        let arrow = format!("\n  {from}:{line} -> {to}");
        match shortest.iter().position(|step| *step == (from, to)) {
            Some(at) => first.push((at, arrow)),
            None if ring.contains(&**from) && ring.contains(&**to) => others.push(arrow),
            None => {}
        }
    }
    first.sort_unstable();
    let mut text = format!("{} files import each other in a ring:", ring.len());
    text.extend(first.into_iter().map(|(_, arrow)| arrow));
    if !others.is_empty() {
        text += "\nand among the same files:";
        text.extend(others);
    }
    text
}

fn shortest_way_round<'a>(ring: &BTreeSet<&'a str>, arrows: &'a Arrows) -> Vec<(&'a str, &'a str)> {
    let ways = ring.iter().filter_map(|start| way_back(start, ring, arrows));
    ways.min_by_key(Vec::len).unwrap_or_default()
}

/// The shortest way from a file back to itself, searched breadth first.
fn way_back<'a>(
    start: &'a str,
    ring: &BTreeSet<&'a str>,
    arrows: &'a Arrows,
) -> Option<Vec<(&'a str, &'a str)>> {
    let mut reached_from = BTreeMap::new();
    let mut next = VecDeque::from([start]);
    while let Some(file) = next.pop_front() {
        for (from, to) in arrows.keys().filter(|(from, to)| from == file && ring.contains(&**to)) {
            if !reached_from.contains_key(&**to) {
                reached_from.insert(&**to, &**from);
                next.push_back(to);
            }
        }
    }
    let mut way = Vec::new();
    let mut to = start;
    loop {
        let from = *reached_from.get(to)?;
        way.insert(0, (from, to));
        if from == start {
            return Some(way);
        }
        to = from;
    }
}
