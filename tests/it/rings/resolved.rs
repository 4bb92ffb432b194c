//! From what a module names to the file that defines it.

use std::collections::BTreeMap;

use super::crates::Sources;
use super::parsed::{Module, ModulePath, modules};

/// From a file to another one, with the line that names something of it.
pub(super) type Arrows = BTreeMap<(String, String), usize>;

/// How many re-exports are followed, one behind the other.
const MOST_STEPS: usize = 16;

pub(super) fn arrows(sources: &Sources) -> Arrows {
    let mut arrows = Arrows::new();
    for root in sources.roots() {
        let names = Names(modules(sources, root));
        for (path, module) in &names.0 {
            let imports = module.imports.iter().filter(|import| !import.is_re_export && import.alias != "*");
            let imported = imports.map(|import| (&import.path, import.line));
            let named = module.named.iter().map(|named| (&named.path, named.line));
            for (name, line) in imported.chain(named) {
                for found in names.resolve(path, name, MOST_STEPS) {
                    if let Found::Item(file) = found
                        && file != module.file
                    {
                        arrows.entry((module.file.clone(), file.to_owned())).or_insert(line);
                    }
                }
            }
        }
    }
    arrows
}

#[derive(Clone)]
enum Found<'a> {
    Module(ModulePath),
    /// An item, and the file that defines it.
    Item(&'a str),
}

/// The modules of one crate, and what their names mean.
struct Names(BTreeMap<ModulePath, Module>);

impl Names {
    /// What a path means in a module: nothing if it leads to another crate, more than one thing if a flag decides.
    fn resolve(&self, within: &ModulePath, path: &[String], steps: usize) -> Vec<Found<'_>> {
        let Some((first, rest)) = path.split_first() else { return Vec::new() };
        let mut found = match &**first {
            "crate" => vec![Found::Module(ModulePath::new())],
            "self" => vec![Found::Module(within.clone())],
            "super" => vec![Found::Module(parent(within))],
            name => self.look_up(within, name, rest.is_empty(), steps),
        };
        for (at, name) in rest.iter().enumerate() {
            let is_last = at + 1 == rest.len();
            let below = found.into_iter().flat_map(|found| match found {
                Found::Module(module) if name == "super" => vec![Found::Module(parent(&module))],
                Found::Module(module) => self.look_up(&module, name, is_last, steps),
                Found::Item(file) => vec![Found::Item(file)],
            });
            found = below.collect();
        }
        found
    }

    /// What a name means in a module. A module and a function may share a name: the last part of a path is the latter.
    fn look_up(&self, within: &ModulePath, name: &str, is_last: bool, steps: usize) -> Vec<Found<'_>> {
        let (Some(module), Some(steps)) = (self.0.get(within), steps.checked_sub(1)) else {
            return Vec::new();
        };
        let mut below = within.clone();
        below.push(name.to_owned());
        let is_module = self.0.contains_key(&below);
        if module.items.contains(name) && (is_last || !is_module) {
            return vec![Found::Item(&module.file)];
        }
        if is_module {
            return vec![Found::Module(below)];
        }
        let aliases = module.imports.iter().filter(|import| import.alias == name);
        let found: Vec<_> = aliases.flat_map(|import| self.resolve(within, &import.path, steps)).collect();
        if !found.is_empty() {
            return found;
        }
        let globs = module.imports.iter().filter(|import| import.alias == "*");
        let opened = globs.flat_map(|import| self.resolve(within, &import.path, steps));
        let through = opened.flat_map(|found| match found {
            Found::Module(module) => self.look_up(&module, name, is_last, steps),
            Found::Item(_) => Vec::new(),
        });
        through.collect()
    }
}

fn parent(module: &ModulePath) -> ModulePath {
    module.split_last().map_or_else(ModulePath::new, |(_, above)| above.to_vec())
}
