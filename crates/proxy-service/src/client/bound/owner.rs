//! Whom an upstream connection may serve next.

/// Whom an upstream connection may serve next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::client) enum Owner {
    Anybody,
    Nobody,
    /// The client connection that its last request came over.
    Client,
}
