//! How an answer is printed.

/// How an answer is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// For people.
    Tables,
    /// As the API has given it.
    Json,
}
