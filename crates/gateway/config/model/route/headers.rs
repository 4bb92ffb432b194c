//! What a route changes of header fields.

/// What a route changes of header fields, both ways. Default: nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers {}
