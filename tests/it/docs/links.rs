//! Links within the repository: each leads to a file, and its anchor to a heading.

use super::markdown::{self, Kind, Piece, attribute_values};
use super::problem::Problem;
use super::tree::Tree;

pub(super) fn problems(tree: &Tree, document: &str, pieces: &[Piece]) -> Vec<Problem> {
    let destinations = pieces.iter().flat_map(|piece| destinations(piece).map(|found| (piece.line, found)));
    let dead = |(line, found): (usize, &str)| {
        dead(tree, document, found).map(|what| Problem::new(document, line, what))
    };
    destinations.filter_map(dead).collect()
}

/// Where the links of a piece lead. Of a code span in a link's text only the text is in another piece.
fn destinations(piece: &Piece) -> impl Iterator<Item = &str> {
    let text = if piece.kind == Kind::Prose { piece.text.as_str() } else { "" };
    let inline = text.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
    // A definition: `[label]: destination`.
    let defined =
        text.lines().filter_map(|line| line.strip_prefix('[')?.split_once("]: ").map(|(_, to)| to.trim()));
    let html = attribute_values(piece, "href=\"").chain(attribute_values(piece, "src=\""));
    inline.chain(defined).chain(html).map(|found| found.trim_matches(['<', '>']))
}

fn dead(tree: &Tree, document: &str, found: &str) -> Option<String> {
    // What stands on the web, and an item of Rust, which rustdoc looks for.
    if found.contains("://") || found.starts_with("mailto:") || is_item(found) {
        return None;
    }
    let (path, anchor) = found.split_once('#').map_or((found, None), |(path, anchor)| (path, Some(anchor)));
    let Some(path) = resolved(document, path) else {
        return Some(format!("the link {found} leaves the repository"));
    };
    if !tree.has(&path) {
        return Some(format!("the link {found} leads to no file: there is no {path}"));
    }
    let anchor = anchor?;
    let is_there = match tree.text(&path).filter(|_| path.ends_with(".md")) {
        Some(text) => markdown::anchors(text).iter().any(|other| other == anchor),
        None => false,
    };
    (!is_there)
        .then(|| format!("the link {found} leads to no heading: {path} has none of the anchor {anchor}"))
}

fn is_item(found: &str) -> bool {
    found.contains("::")
        || !found.is_empty() && found.chars().all(|c| c.is_alphanumeric() || "_!()".contains(c))
}

/// The path from the root; none if it is outside.
fn resolved(document: &str, path: &str) -> Option<String> {
    if path.is_empty() {
        return Some(document.to_owned());
    }
    let mut parts: Vec<&str> = document.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
