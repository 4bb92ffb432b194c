//! A line of one's own.

use super::field::LogField;

/// A text with fields in it, such as `{client} {method} {path} {status}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Its pieces, in their order.
    pub parts: Vec<Part>,
}

/// A piece of a [`Template`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text that is the same in every line.
    Text(String),
    /// The value of a field; `-` if it has none.
    Field(LogField),
}
