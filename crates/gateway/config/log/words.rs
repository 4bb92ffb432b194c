//! Takes a condition apart into words.

use std::ops::Range;

use super::super::fault::Fault;

/// A word of a condition, and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word<'t> {
    pub(super) kind: Kind<'t>,
    pub(super) at: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind<'t> {
    /// A name, a number, a time, or a text without quotes.
    Bare(&'t str),
    /// A text in quotes, without them.
    Quoted(&'t str),
    /// `=`, `!=`, `<`, `<=`, `>`, `>=`, `(` or `)`.
    Symbol(&'t str),
    /// There are no more words.
    End,
}

/// The longest first.
const SYMBOLS: [&str; 8] = ["!=", "<=", ">=", "=", "<", ">", "(", ")"];

/// Reads the word that begins at `from` or behind blanks there.
pub(super) fn word(text: &str, from: usize) -> Result<Word<'_>, Fault> {
    let rest = text.get(from..).unwrap_or_default();
    let blank = rest.len() - rest.trim_start().len();
    let (rest, from) = (rest.trim_start(), from + blank);
    if let Some(quote @ ('\'' | '"')) = rest.chars().next() {
        let quoted = rest.get(1..).and_then(|rest| rest.split(quote).next());
        return match quoted.filter(|quoted| quoted.len() + 1 < rest.len()) {
            Some(quoted) => Ok(Word { kind: Kind::Quoted(quoted), at: from..from + quoted.len() + 2 }),
            None => Err(Fault::new(from..text.len(), "this quote isn't closed", format!("another {quote}"))),
        };
    }
    if let Some(symbol) = SYMBOLS.into_iter().find(|symbol| rest.starts_with(symbol)) {
        return Ok(Word { kind: Kind::Symbol(symbol), at: from..from + symbol.len() });
    }
    let ends = |c: char| c.is_whitespace() || "'\"()=<>!".contains(c);
    match rest.split(ends).next().unwrap_or_default() {
        "" if rest.is_empty() => Ok(Word { kind: Kind::End, at: from..from }),
        "" => Err(Fault::new(from..from + 1, "! stands alone", "not, or !=")),
        bare => Ok(Word { kind: Kind::Bare(bare), at: from..from + bare.len() }),
    }
}
