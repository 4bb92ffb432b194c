//! What a route changes of answers.

/// What a route changes of answers, or answers itself. Default: nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {}
