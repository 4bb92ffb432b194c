//! No files import each other in a ring.
//!
//! A file has an arrow to another one if its code names an item that the other file defines. This is what counts:
//!
//! - A `use` of the item, whichever way it is written: `crate::`, `super::`, `self::`, nested braces, `as`, a glob.
//! - A path in the code, such as `crate::clock::now()`, or `headers::via::append()` after `use crate::headers`.
//! - The arrow goes to the file that *defines* the item. `use crate::health::Ward` is an arrow to `health/ward.rs`
//!   even if `health/mod.rs` re-exports it; `health/mod.rs` gets none.
//!
//! This doesn't count:
//!
//! - `mod x;`, and a `use` of a whole module. Only the items that are reached through it count.
//! - A re-export (`pub use`, `pub(crate) use`), unless the re-exporting file's own code names the item.
//! - Code under `#[cfg(test)]`: unit tests and models see whatever they need.
//! - Calls of methods, comments and links in docs. Two files may each have an `impl` block of a type: only the block
//!   that stands away from its type has an arrow.
//! - Other crates, which Cargo doesn't let form a ring.
//!
//! It reads tokens, not types. What only a macro's expansion names stays unseen.

mod components;
mod crates;
mod parsed;
mod resolved;
mod selftest;
mod tokens;
mod verdict;

use self::verdict::Exception;

/// Rings that stay for now, each with its reason. One that is gone has to be deleted here.
const EXCEPTIONS: &[Exception] = &[];

#[test]
fn no_files_import_each_other_in_a_ring() {
    let arrows: resolved::Arrows = crates::on_disk().iter().flat_map(resolved::arrows).collect();
    assert!(arrows.len() > 200, "only {} arrows: this test no longer understands the sources", arrows.len());
    let complaints = verdict::complaints(&arrows, EXCEPTIONS);
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}
