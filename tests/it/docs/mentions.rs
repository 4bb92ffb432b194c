//! Who mentions one of these pages gives its path: its bare name might mean a page that only its author has.

use super::problem::Problem;
use super::tree::Tree;

/// The names of pages, without their ends: this file is looked through as well.
const PAGES: [&str; 3] = ["behaviour", "threats", "design"];

pub(super) fn problems(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in tree.texts() {
        for (line, text) in (1..).zip(file.text.lines()) {
            for page in PAGES {
                let name = format!("{page}.md");
                if text.match_indices(&name).any(|(at, _)| !text[..at].ends_with("docs/")) {
                    problems.push(Problem::new(
                        file.path,
                        line,
                        format!("{name} isn't named as docs/{name}"),
                    ));
                } else if text.contains(&name) && !tree.has(&format!("docs/{name}")) {
                    problems.push(Problem::new(file.path, line, format!("there is no docs/{name}")));
                }
            }
        }
    }
    problems
}
