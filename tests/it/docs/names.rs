//! Files and items that a document names.
//!
//! - A path from the root, such as `tests/it/docs.rs` or `crates/balance/`: it begins with a folder of the root. It may
//!   also be one from the document's own folder, as in a crate's README. `*` stands for anything within a name, `**` for
//!   any folders.
//! - `path.rs::name`: an item of that file, such as a test, or the table of a test's cases.
//! - `::name`: the same, of the file that was named last in that paragraph, row or item.
//! - The end of a path, such as `headers/via.rs` or `via.rs`: there is a file whose path ends so.
//!
//! What `.gitignore` names needs not be there.

use super::markdown::{Kind, Piece};
use super::problem::Problem;
use super::tree::Tree;

/// What the name of a file ends in, so that it isn't taken for anything else.
const ENDS: [&str; 4] = [".rs", ".md", ".py", ".svg"];

pub(super) fn problems(tree: &Tree, document: &str, pieces: &[Piece]) -> Vec<Problem> {
    let mut names = Names { tree, document, last: None, problems: Vec::new() };
    for piece in pieces {
        match piece.kind {
            Kind::Gap | Kind::Heading => names.last = None,
            Kind::Code => names.check_code(piece),
            Kind::Fenced | Kind::Prose => names.check_words(piece),
        }
    }
    names.problems
}

struct Names<'a> {
    tree: &'a Tree,
    document: &'a str,
    /// The files that the last name may stand for.
    last: Option<Vec<&'a str>>,
    problems: Vec<Problem>,
}

impl<'a> Names<'a> {
    /// A span is a name, or a command with names in it.
    fn check_code(&mut self, piece: &Piece) {
        let is_command = piece.text.contains(char::is_whitespace);
        for (line, word) in words(piece) {
            let is_name =
                self.begins_in_the_tree(word) || is_item_alone(word) || !is_command && is_end_of_path(word);
            if is_name && !self.is_from_elsewhere(word) {
                self.check(line, word);
            }
        }
    }

    /// Outside of spans only what can't be anything else is a name.
    fn check_words(&mut self, piece: &Piece) {
        for (line, word) in words(piece) {
            let word = word.trim_end_matches(['.', ':']);
            let is_path =
                self.begins_in_the_tree(word) && (piece.kind == Kind::Fenced || has_end(path_of(word)));
            if is_path && !self.is_from_elsewhere(word) {
                self.check(line, word);
            }
        }
    }

    fn begins_in_the_tree(&self, word: &str) -> bool {
        word.split_once('/').is_some_and(|(top, _)| !top.is_empty() && self.tree.has(top))
    }

    /// A URL, a place in another system, what a build makes, or a pattern that isn't one of ours.
    fn is_from_elsewhere(&self, word: &str) -> bool {
        word.contains("://")
            || word.contains(['{', '$', '<', '~', '%', '@'])
            || word.starts_with('/')
            || self.tree.is_ignored(word)
    }

    fn check(&mut self, line: usize, name: &str) {
        let (path, items) = name.split_once("::").map_or((name, None), |(path, items)| (path, Some(items)));
        if !path.is_empty() {
            self.last = Some(self.find(path));
        }
        let what = match (&self.last, items) {
            (None, _) => Some(format!("`{name}` follows no file in its paragraph")),
            (Some(files), _) if files.is_empty() => (!path.is_empty()).then(|| format!("there is no {path}")),
            (Some(files), Some(items)) => missing_item(self.tree, files, items),
            (Some(_), None) => None,
        };
        self.problems.extend(what.map(|what| Problem::new(self.document, line, what)));
    }

    fn find(&self, path: &str) -> Vec<&'a str> {
        let path = path.trim_end_matches('/');
        let folder = self.document.rsplit_once('/').map_or("", |(folder, _)| folder);
        let beside = format!("{folder}/{path}");
        if path.contains('*') {
            return self.tree.paths().filter(|file| matches(path, file) || matches(&beside, file)).collect();
        }
        let known = [path, &beside].into_iter().filter_map(|path| self.tree.find(path)).collect::<Vec<_>>();
        if !known.is_empty() || self.begins_in_the_tree(path) {
            return known;
        }
        let end = format!("/{path}");
        self.tree.paths().filter(|file| file.ends_with(&end)).collect()
    }
}

/// What could be a path, and the line that it is in.
fn words(piece: &Piece) -> impl Iterator<Item = (usize, &str)> {
    let is_part = |c: char| c.is_alphanumeric() || "_-./:*{}$<>~%@".contains(c);
    let lines = (piece.line..).zip(piece.text.split('\n'));
    lines.flat_map(move |(line, text)| text.split(move |c| !is_part(c)).map(move |word| (line, word)))
}

/// `::name`; not `::` or `::1`, which are addresses.
fn is_item_alone(word: &str) -> bool {
    let is_identifier = |name: &str| {
        name.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_alphanumeric() || c == '_')
    };
    word.strip_prefix("::").is_some_and(|items| items.split("::").all(is_identifier))
}

fn path_of(name: &str) -> &str {
    name.split_once("::").map_or(name, |(path, _)| path)
}

/// Without a folder, `.rs` is the only end that means a file of ours.
fn is_end_of_path(word: &str) -> bool {
    let path = path_of(word);
    has_end(path) && (path.contains('/') || path.ends_with(".rs"))
}

fn has_end(path: &str) -> bool {
    ENDS.iter().any(|end| path.len() > end.len() && path.ends_with(end))
}

fn missing_item(tree: &Tree, files: &[&str], items: &str) -> Option<String> {
    let has_all =
        |file: &&str| items.split("::").all(|item| declares(tree.text(file).unwrap_or_default(), item));
    let files = files.iter();
    (!files.clone().any(has_all))
        .then(|| format!("there is no {items} in {}", files.copied().collect::<Vec<_>>().join(", ")))
}

/// Whether a file of Rust has an item of this name.
fn declares(text: &str, item: &str) -> bool {
    const KEYWORDS: [&str; 9] =
        ["fn", "const", "static", "struct", "enum", "trait", "type", "mod", "macro_rules!"];
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(item).any(|(at, _)| {
        let (before, after) = (text[..at].trim_end(), &text[at + item.len()..]);
        !after.starts_with(is_name)
            && at > before.len()
            && KEYWORDS.iter().any(|keyword| before.ends_with(keyword))
    })
}

/// Whether a path is one of a pattern's.
fn matches(pattern: &str, path: &str) -> bool {
    fn parts(pattern: &[&str], path: &[&str]) -> bool {
        match (pattern, path) {
            ([], []) => true,
            (["**", rest @ ..], _) => (0..=path.len()).any(|skipped| parts(rest, &path[skipped..])),
            ([first, rest @ ..], [name, below @ ..]) => is_like(first, name) && parts(rest, below),
            _ => false,
        }
    }
    let split = |text| str::split(text, '/').collect::<Vec<_>>();
    parts(&split(pattern), &split(path))
}

fn is_like(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((begin, end)) => {
            let rest = name.strip_prefix(begin);
            rest.is_some_and(|rest| {
                (0..=rest.len()).any(|at| rest.is_char_boundary(at) && is_like(end, &rest[at..]))
            })
        }
    }
}
