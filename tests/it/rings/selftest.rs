//! That rings are found where they are, and only there.

use super::crates::Sources;
use super::resolved::{Arrows, arrows};
use super::verdict::{Exception, complaints};

/// The arrows of a crate in `x/`, as `from -> to` without the folder.
fn arrows_of(files: &[(&str, &str)]) -> Vec<String> {
    let short = |path: &str| path.strip_prefix("x/").unwrap().strip_suffix(".rs").unwrap().to_owned();
    arrows_in(files).keys().map(|(from, to)| format!("{} -> {}", short(from), short(to))).collect()
}

fn arrows_in(files: &[(&str, &str)]) -> Arrows {
    let files: Vec<_> = files.iter().map(|(path, text)| (format!("x/{path}.rs"), *text)).collect();
    let files: Vec<_> = files.iter().map(|(path, text)| (&**path, *text)).collect();
    arrows(&Sources::of(&files))
}

fn complaints_of(files: &[(&str, &str)]) -> Vec<String> {
    complaints(&arrows_in(files), &[])
}

#[test]
fn a_ring_of_two_is_found_and_shown_with_its_lines() {
    let files = [
        ("lib", "mod a; mod b;"),
        ("a", "use crate::b::B;\npub struct A(B);"),
        ("b", "// Why.\n\nuse crate::a::A;\npub struct B(Box<A>);"),
    ];
    let expected = "2 files import each other in a ring:\n  x/a.rs:1 -> x/b.rs\n  x/b.rs:3 -> x/a.rs";
    assert_eq!(complaints_of(&files), [expected]);
}

#[test]
fn of_a_ring_with_short_cuts_the_shortest_way_round_is_shown_first() {
    let files = [
        ("lib", "mod a; mod b; mod c;"),
        ("a", "use crate::b::B; pub struct A(B);"),
        ("b", "use crate::c::C; pub struct B(C);"),
        ("c", "use crate::{a::A, b::B}; pub struct C(Box<A>, Box<B>);"),
    ];
    let expected = "\
3 files import each other in a ring:
  x/b.rs:1 -> x/c.rs
  x/c.rs:1 -> x/b.rs
and among the same files:
  x/a.rs:1 -> x/b.rs
  x/c.rs:1 -> x/a.rs";
    assert_eq!(complaints_of(&files), [expected]);
}

#[test]
fn a_ring_of_three_is_one_ring_and_a_chain_is_none() {
    let with_c = |c: &'static str| {
        [
            ("lib", "mod a; mod b; mod c;"),
            ("a", "use crate::b::B; pub struct A(B);"),
            ("b", "use super::c::C; pub struct B(C);"),
            ("c", c),
        ]
    };
    assert_eq!(complaints_of(&with_c("pub struct C;")), [""; 0]);
    let found = complaints_of(&with_c("use crate::a::A; pub struct C(Box<A>);"));
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("3 files"), "{found:?}");
}

#[test]
fn two_rings_without_a_common_file_are_two() {
    let use_of = |name: &str| format!("use crate::{name}::X; pub struct X;");
    let [of_a, of_b, of_c, of_d] = ["a", "b", "c", "d"].map(use_of);
    let files =
        [("lib", "mod a; mod b; mod c; mod d;"), ("a", &*of_b), ("b", &of_a), ("c", &of_d), ("d", &of_c)];
    assert_eq!(arrows_of(&files), ["a -> b", "b -> a", "c -> d", "d -> c"]);
    assert_eq!(complaints_of(&files).len(), 2);
}

#[test]
fn a_re_export_leads_to_the_file_that_defines() {
    let files = [
        ("lib", "mod a; mod room; pub use self::room::Thing;"),
        ("a", "use crate::room::Thing; pub fn f(_: Thing) {}"),
        ("room/mod", "mod inner; pub use self::inner::Thing;"),
        ("room/inner", "use crate::a::f; pub struct Thing; fn g() { f(Thing) }"),
    ];
    assert_eq!(arrows_of(&files), ["a -> room/inner", "room/inner -> a"]);
    assert_eq!(complaints_of(&files).len(), 1);
}

#[test]
fn a_re_export_is_no_arrow_unless_the_file_itself_uses_it() {
    let with_code = |code: &'static str| {
        [
            ("lib", "mod room;"),
            ("room/mod", code),
            ("room/inner", "use super::Limit; pub struct Thing(Limit);"),
        ]
    };
    let signpost = "mod inner; pub(crate) use self::inner::Thing; pub struct Limit;";
    assert_eq!(arrows_of(&with_code(signpost)), ["room/inner -> room/mod"]);
    let user = "mod inner; pub(crate) use self::inner::Thing; pub struct Limit; fn f(_: Thing) {}";
    assert_eq!(arrows_of(&with_code(user)), ["room/inner -> room/mod", "room/mod -> room/inner"]);
}

#[test]
fn braces_aliases_and_globs_are_followed() {
    let files = [
        ("lib", "mod a; mod b; mod c; mod d; mod e;"),
        ("a", "use crate::{b::{self, B as Other}, c::{C, inner::{I}}}; use super::d::*; fn f(_: D) { e() }"),
        ("b", "pub struct B;"),
        ("c", "pub mod inner { pub struct I; } pub struct C;"),
        ("d", "pub struct D; pub use crate::e::e;"),
        ("e", "pub fn e() {}"),
    ];
    assert_eq!(arrows_of(&files), ["a -> b", "a -> c", "a -> d", "a -> e"]);
}

#[test]
fn a_whole_module_is_no_arrow_but_what_is_reached_through_it_is() {
    let files = [
        ("lib", "mod a; mod room;"),
        ("a", "use crate::room; use crate::room::deep; pub fn f() { room::near(); deep::far(); }"),
        ("room/mod", "pub mod deep; pub fn near() {}"),
        ("room/deep", "pub fn far() {}"),
    ];
    assert_eq!(arrows_of(&files), ["a -> room/deep", "a -> room/mod"]);
}

#[test]
fn paths_in_the_code_count() {
    let files = [
        ("lib", "mod a; mod b; mod c;"),
        ("a", "pub fn f() { crate::b::g(); let _ = ..super::c::LAST; }"),
        ("b", "pub fn g() { self::h(); } fn h() {}"),
        ("c", "pub const LAST: usize = 1;"),
    ];
    assert_eq!(arrows_of(&files), ["a -> b", "a -> c"]);
}

#[test]
fn tests_comments_strings_and_other_crates_do_not_count() {
    let files = [
        ("lib", "mod a; mod b;"),
        ("a", "use crate::b::B; pub struct A(B);"),
        (
            "b",
            r##"
            //! Like [`A`](crate::a::A).
            use std::{a::A, b::B as C}; /* crate::a::A /* crate::a::A */ */
            pub struct B;
            impl<'a> From<&'a str> for B { fn from(_: &'a str) -> B { "crate::a::A"; r#"" crate::a::A"#; '"'; B } }
            #[cfg(test)] use crate::a::A;
            #[cfg(all(test, not(loom)))]
            #[derive(Debug)]
            mod tests { use crate::a::A; }
            #[cfg(test)] mod not_there;
            struct S { #[cfg(test)] a: crate::a::A, b: a::A }
            "##,
        ),
    ];
    assert_eq!(arrows_of(&files), ["a -> b"]);
}

#[test]
fn what_a_feature_or_a_model_decides_counts() {
    let files = [
        ("lib", "mod a; #[cfg(any(test, feature = \"f\"))] mod b; #[cfg(not(test))] mod c;"),
        ("a", "#[cfg(loom)] use crate::b::X; #[cfg(not(loom))] use crate::c::X;"),
        ("b", "pub struct X;"),
        ("c", "pub struct X;"),
    ];
    assert_eq!(arrows_of(&files), ["a -> b", "a -> c"]);
}

#[test]
fn an_exception_excuses_its_ring_and_nothing_else() {
    let ring = arrows_in(&[
        ("lib", "mod a; mod room;"),
        ("a", "use crate::room::B; pub struct A(B);"),
        ("room/mod", "mod b; pub use self::b::B;"),
        ("room/b", "use crate::a::A; pub struct B(Box<A>);"),
    ]);
    let among = |among| Exception { among, reason: "for now" };
    assert_eq!(complaints(&ring, &[among(&["x/a.rs", "x/room/"])]), [""; 0]);
    assert_eq!(complaints(&ring, &[among(&["x/a.rs", "x/room/b.rs"])]), [""; 0]);
    // One that doesn't hold all of the ring's files.
    assert_eq!(complaints(&ring, &[among(&["x/room/"])]).len(), 2);
}

#[test]
fn an_exception_that_excuses_nothing_has_to_go() {
    let chain = arrows_in(&[
        ("lib", "mod a; mod b;"),
        ("a", "use crate::b::B; pub struct A(B);"),
        ("b", "pub struct B;"),
    ]);
    let exception = Exception { among: &["x/a.rs", "x/b.rs"], reason: "for now" };
    let gone = |file| format!("delete {file} from the exception \"for now\": it's in no ring");
    assert_eq!(complaints(&chain, &[exception]), [gone("x/a.rs"), gone("x/b.rs")]);
}
