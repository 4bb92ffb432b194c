//! The checks find what they are there for, and nothing else.

use super::problem::Problem;
use super::tree::Tree;
use super::{all_problems, mentions};

const CODE: &str = "#[test]\nfn it_holds() {}\nconst CASES: [u8; 0] = [];\nmod inner {\n    fn deep() {}\n}\n// fn_that_is_none\n";

/// A repository of little more than one page.
fn with_page(page: &str) -> Tree {
    let mut tree = Tree::ignoring("/target\n/benches/compare/out\n__pycache__/\n");
    for (path, text) in [
        ("docs/page.md", page),
        (
            "docs/other.md",
            "# Title\n\n## What it `does`, or not\n\n## Twice\n\n## Twice\n\n```sh\n# no heading\n```\n",
        ),
        ("README.md", "[page](docs/page.md)\n"),
        ("crates/balance/README.md", "`src/lib.rs::it_holds`, `crates/balance/src/lib.rs`\n"),
        ("crates/balance/src/lib.rs", CODE),
        ("tests/it/good.rs", CODE),
        ("benches/compare/plot.py", ""),
    ] {
        tree.add(path, text);
    }
    tree
}

#[track_caller]
fn assert_found(page: &str, line: usize, what: &str) {
    let found: Vec<String> = all_problems(&with_page(page)).iter().map(Problem::to_string).collect();
    assert_eq!(found, [format!("docs/page.md:{line}: {what}")], "{page}");
}

#[track_caller]
fn assert_fine(page: &str) {
    let found: Vec<String> = all_problems(&with_page(page)).iter().map(Problem::to_string).collect();
    assert_eq!(found, [""; 0], "{page}");
}

#[test]
fn what_is_there_is_fine() {
    for page in [
        "`tests/it/good.rs`, `tests/it/`, `tests/it`, `good.rs` and `it/good.rs`",
        "`tests/it/good.rs::it_holds`, `::CASES`, `::inner::deep`",
        "| `tests/it/good.rs::it_holds`, `::CASES` |",
        "`tests/*/good.rs`, `crates/**/lib.rs::it_holds`, `tests/it/g*.rs`",
        "`cargo run benches/compare` and docs/other.md.",
        "a span `over\ntests/it/good.rs` two lines",
        "``a ` tick`` and `tests/it/good.rs`",
        "```sh\npython3 benches/compare\n```",
        "[other](other.md), [other](../docs/other.md#title), [up](../README.md), [folder](../tests/it)",
        "[`other`](other.md#what-it-does-or-not) [twice](other.md#twice-1)",
        "# Here\n\n[here](#here)\n",
        "[web](https://example.org/none.md#none) [mail](mailto:a@b) [`Item`](crate::Item) [Item](Item)",
        "<img src=\"other.md\"> <a id=\"set\"></a> [set](#set)",
        "a path `/static/x.rs`, a URL `http://tests/x.rs`, tests/or-not, `text/plain`, `${tests}/x.rs`",
        "[other]\n\n[other]: other.md\n",
        "`benches/compare/out/`, `benches/compare/out/x.svg`, `benches/__pycache__/x.py`, `x.svg` and `none.md`",
        "`[::]`, `::1`, `::ffff:127.0.0.1`",
    ] {
        assert_fine(page);
    }
}

#[test]
fn a_file_that_is_not_there_is_found() {
    for name in [
        "tests/it/bad.rs",
        "tests/none",
        "it/bad.rs",
        "it/bad.md",
        "benches/compare/outside.py",
        "bad.rs",
        "crates/*/bad.rs",
        "docs/none.md",
    ] {
        assert_found(&format!("first\n\nsecond `{name}`"), 3, &format!("there is no {name}"));
    }
    assert_found("```sh\npython3 benches/none\n```", 2, "there is no benches/none");
    assert_found("in prose: docs/none.md.", 1, "there is no docs/none.md");
    assert_found("`cargo run benches/none`", 1, "there is no benches/none");
}

#[test]
fn a_test_that_is_not_there_is_found() {
    let missing = |name| format!("there is no {name} in tests/it/good.rs");
    for name in ["it_hold", "it_holds_not", "holds", "inner::missing", "fn_that_is_none"] {
        assert_found(&format!("`tests/it/good.rs::{name}`"), 1, &missing(name));
    }
    assert_found("`tests/it/good.rs::it_holds`,\n`::none`", 2, &missing("none"));
    assert_found("`tests/it/bad.rs::it_holds`, `::CASES`", 1, "there is no tests/it/bad.rs");
    let alone = "`::it_holds` follows no file in its paragraph";
    assert_found("`tests/it/good.rs`\n\n`::it_holds`", 3, alone);
    assert_found("- `tests/it/good.rs`\n- `::it_holds`", 2, alone);
    assert_found("| `tests/it/good.rs` |\n| `::it_holds` |", 2, alone);
    assert_found("1. `tests/it/good.rs`\n2. `::it_holds`", 2, alone);
}

#[test]
fn a_dead_link_is_found() {
    for link in ["none.md", "none.md#title", "../none", "other.md/none"] {
        let path = match link {
            "../none" => "none",
            "other.md/none" => "docs/other.md/none",
            _ => "docs/none.md",
        };
        let what = format!("the link {link} leads to no file: there is no {path}");
        assert_found(&format!("[text]({link})"), 1, &what);
        assert_found(&format!("a\n<img src=\"{link}\">"), 1, &what);
        assert_found(&format!("[text]\n\n[text]: {link}\n"), 3, &what);
    }
    assert_found("[text](../../none.md)", 1, "the link ../../none.md leaves the repository");
}

#[test]
fn a_dead_anchor_is_found() {
    for (link, path) in [
        ("other.md#none", "docs/other.md"),
        ("other.md#no-heading", "docs/other.md"),
        ("#here", "docs/page.md"),
    ] {
        let anchor = link.split_once('#').unwrap().1;
        let what = format!("the link {link} leads to no heading: {path} has none of the anchor {anchor}");
        assert_found(&format!("[text]({link})"), 1, &what);
    }
}

#[test]
fn a_page_that_is_named_without_its_path_is_found() {
    let page = ["behaviour", ".md"].concat();
    let found = |text: &str, is_there: bool| {
        let path = format!("docs/{page}");
        let place = if is_there { path.as_str() } else { "docs/another.md" };
        let mut tree = Tree::default();
        tree.add("src/lib.rs", text);
        tree.add(place, "");
        mentions::problems(&tree).iter().map(Problem::to_string).collect::<Vec<_>>()
    };
    let bare = format!("src/lib.rs:2: {page} isn't named as docs/{page}");
    assert_eq!(found(&format!("\n//! {page}, section 3"), true), [bare.as_str()]);
    assert_eq!(found(&format!("\n//! docs/{page} and {page}"), true), [bare.as_str()]);
    assert_eq!(found(&format!("//! docs/{page}, or ../docs/{page}"), true), [""; 0]);
    assert_eq!(found(&format!("//! docs/{page}"), false), [format!("src/lib.rs:1: there is no docs/{page}")]);
}
