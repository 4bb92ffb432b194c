//! Which requests an upstream connection may serve next.

/// Whose requests an upstream connection may serve next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::client) enum Owner {
    Anybody,
    Nobody,
    /// Only those of the client connection that its last request came over.
    Client,
}
