//! What a request has to be like to be logged.

use std::time::Duration;

use super::field::{LogField, NumberField, StageField, TextField};

/// What a request has to be like, such as `status >= 500 or duration > 1s`. It is true or false of every request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// One of them is true.
    Any(Vec<Condition>),
    /// All of them are true.
    All(Vec<Condition>),
    /// It is false.
    Not(Box<Condition>),
    /// The field has a value.
    Has(LogField),
    /// A number compares so with this one.
    Number(NumberField, Comparison, u64),
    /// A time compares so with this one. False if there is none.
    Stage(StageField, Comparison, Duration),
    /// A text is so. False if there is none.
    Text(TextField, TextMatch),
}

/// How a value compares with one of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

/// How a text is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextMatch {
    /// This one.
    Is(String),
    /// It begins with this.
    Begins(String),
}

impl Comparison {
    /// Whether `value` compares so with `with`.
    pub fn holds<T: PartialOrd>(self, value: &T, with: &T) -> bool {
        match self {
            Self::Equal => value == with,
            Self::Less => value < with,
            Self::AtMost => value <= with,
            Self::Greater => value > with,
            Self::AtLeast => value >= with,
        }
    }
}
