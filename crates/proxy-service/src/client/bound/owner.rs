//! Which requests an upstream connection may serve next.

/// Whose requests an upstream connection may serve next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::client) enum Owner {
    Anybody,
    Nobody,
    /// Only those of the client connection that its last request came over.
    Client,
    /// The same, because the connection began with the address of that client: see
    /// [`ClientBuilder::send_proxy`](crate::ClientBuilder::send_proxy).
    Introduced,
}
