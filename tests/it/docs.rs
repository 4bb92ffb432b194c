//! What the documents name is there: each file, each test or other item in a file (`path.rs::name`), each page and
//! heading that a link leads to. And whoever names a page of `docs/` says that it is there.

#[cfg(all(feature = "acme", feature = "jwt"))]
mod cookbook;
mod keys;
mod links;
mod markdown;
mod mentions;
mod names;
mod problem;
mod selftest;
mod tables;
mod tree;
mod written;

use problem::Problem;
use tree::Tree;

#[test]
fn every_file_test_and_link_is_there() {
    let tree = Tree::of_the_repository();
    problem::assert_none(&all_problems(&tree));
}

#[test]
fn pages_are_named_by_their_path() {
    let tree = Tree::of_the_repository();
    problem::assert_none(&mentions::problems(&tree));
}

fn all_problems(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for document in tree.documents() {
        let pieces = markdown::pieces(document.text);
        problems.extend(names::problems(tree, document.path, &pieces));
        problems.extend(links::problems(tree, document.path, &pieces));
    }
    problems.sort();
    problems
}
