//! A crate's modules: what each defines, imports and names.

use std::collections::{BTreeMap, BTreeSet};

use super::crates::Sources;
use super::tokens::{Token, end_of_group, outside_tests};

/// A module's path below the crate's root, which is the empty path.
pub(super) type ModulePath = Vec<String>;

#[derive(Default)]
pub(super) struct Module {
    pub(super) file: String,
    /// Structs, functions and whatever else has a name, but no modules.
    pub(super) items: BTreeSet<String>,
    pub(super) imports: Vec<Import>,
    /// The paths that stand in the code, outside of `use`.
    pub(super) named: Vec<Named>,
}

/// One leaf of a `use` tree.
pub(super) struct Import {
    pub(super) path: Vec<String>,
    /// What the module calls it; `*` if it is all that the path has.
    pub(super) alias: String,
    pub(super) line: usize,
    pub(super) is_re_export: bool,
}

pub(super) struct Named {
    pub(super) path: Vec<String>,
    pub(super) line: usize,
}

/// All modules that can be reached from the file `root`.
pub(super) fn modules(sources: &Sources, root: &str) -> BTreeMap<ModulePath, Module> {
    let mut parser = Parser { sources, modules: BTreeMap::new() };
    let folder = root.rsplit_once('/').map_or("", |(folder, _)| folder);
    parser.file(root, folder, &ModulePath::new());
    parser.modules
}

struct Parser<'a> {
    sources: &'a Sources,
    modules: BTreeMap<ModulePath, Module>,
}

impl Parser<'_> {
    fn file(&mut self, file: &str, folder: &str, path: &ModulePath) {
        let text = self.sources.text(file).unwrap_or_else(|| panic!("{file} is not there"));
        self.module(&outside_tests(text), file, folder, path);
    }

    /// Reads a module's tokens. Its modules that are files of their own are in `folder`.
    fn module(&mut self, tokens: &[Token<'_>], file: &str, folder: &str, path: &ModulePath) {
        let mut module = Module { file: file.to_owned(), ..Module::default() };
        let mut depth = 0_usize;
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let text = |offset: usize| tokens.get(at + offset).map_or("", |token| token.text);
            let before = at.checked_sub(1).map_or("", |before| tokens[before].text);
            match token.text {
                "mod" if matches!(text(2), ";" | "{") => {
                    let mut below = path.clone();
                    below.push(text(1).to_owned());
                    let folder = format!("{folder}/{}", text(1));
                    if text(2) == "{" {
                        let end = end_of_group(tokens, at + 2);
                        self.module(&tokens[at + 3..end - 1], file, &folder, &below);
                        at = end;
                    } else {
                        let flat = format!("{folder}.rs");
                        let is_flat = self.sources.text(&flat).is_some();
                        self.file(&if is_flat { flat } else { format!("{folder}/mod.rs") }, &folder, &below);
                        at += 3;
                    }
                    continue;
                }
                "use" if text(1) != "<" => {
                    let is_re_export = before == "pub" || before == ")";
                    at = read_use(tokens, at + 1, &[], is_re_export, &mut module.imports);
                    continue;
                }
                "struct" | "enum" | "union" | "trait" | "type" | "fn" | "const" | "static"
                    if depth == 0 && !matches!(before, "*" | "<" | "," | ".") =>
                {
                    let name = if text(1) == "mut" { text(2) } else { text(1) };
                    if !matches!(name, "fn" | "unsafe" | "async" | "extern") {
                        module.items.insert(name.to_owned());
                    }
                }
                "macro_rules" if text(1) == "!" => {
                    module.items.insert(text(2).to_owned());
                }
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth -= 1,
                _ if token.is_name() => {
                    let (named, end) = read_path(tokens, at);
                    if !is_inside_something(tokens, at) {
                        module.named.push(named);
                    }
                    at = end;
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
        self.modules.insert(path.clone(), module);
    }
}

/// Whether the name is a field's, a method's or a macro's variable, or belongs to a path that began earlier.
fn is_inside_something(tokens: &[Token<'_>], at: usize) -> bool {
    let text = |back: usize| at.checked_sub(back).map_or("", |before| tokens[before].text);
    match text(1) {
        "." => text(2) != ".",
        "::" => true,
        "$" => tokens[at].text != "crate",
        _ => false,
    }
}

fn read_path(tokens: &[Token<'_>], from: usize) -> (Named, usize) {
    let mut path = vec![tokens[from].text.to_owned()];
    let mut at = from + 1;
    while tokens.get(at).is_some_and(|token| token.text == "::")
        && tokens.get(at + 1).is_some_and(Token::is_name)
    {
        path.push(tokens[at + 1].text.to_owned());
        at += 2;
    }
    (Named { path, line: tokens[from].line }, at)
}

/// Reads one branch of a `use` tree, and returns what stands behind it.
fn read_use(
    tokens: &[Token<'_>],
    mut at: usize,
    prefix: &[String],
    is_re_export: bool,
    imports: &mut Vec<Import>,
) -> usize {
    let mut path = prefix.to_vec();
    let mut line = 0;
    while let Some(token) = tokens.get(at) {
        match token.text {
            "::" => at += 1,
            "{" => {
                let end = end_of_group(tokens, at);
                at += 1;
                while at < end - 1 {
                    at = read_use(&tokens[..end - 1], at, &path, is_re_export, imports);
                    at += 1;
                }
                return end;
            }
            "," | ";" => break,
            "as" => {
                let alias = tokens[at + 1].text.to_owned();
                imports.push(Import { path, alias, line, is_re_export });
                return at + 2;
            }
            "*" => {
                imports.push(Import { path, alias: "*".to_owned(), line: token.line, is_re_export });
                return at + 1;
            }
            // `a::{self}` is `a`.
            "self" if !path.is_empty() => at += 1,
            name => {
                path.push(name.to_owned());
                line = token.line;
                at += 1;
            }
        }
    }
    if let Some(alias) = path.last().cloned() {
        imports.push(Import { path, alias, line, is_re_export });
    }
    at
}
