//! Affinity: a signed cookie names the endpoint that answered a client, and its next requests go to the same endpoint.
//!
//! [`AffinityLayer`] goes around a pool's balancer. The balancer needs three things for it: the policy [`Affine`];
//! endpoints with [ids](balance::Entry::id) that are the same in every process; and a completion that says which
//! endpoint was picked for each request with [`AskedWhy`](crate::pick::AskedWhy). If the endpoint in the cookie is
//! gone, draining, ejected or full, the pool's own policy picks another one, and the response sets a new cookie for
//! that one.
//!
//! - The cookie has `Path=/`, so a browser sends it to the whole host. Each pool with affinity needs a name of its own.
//! - The cookie is set only if the client doesn't have the right one yet. It isn't renewed, so `Max-Age` counts from
//!   the first response.
//! - The request is forwarded with the cookie, as nginx does it. All that an upstream learns from it is its own id.
//! - `Cache-Control` isn't changed. A shared cache that stores responses with `Set-Cookie` (RFC 9111 §7.3) gives one
//!   client's endpoint to all clients.

mod cookie;
mod future;
mod layer;
mod policy;
mod service;
mod set_cookie;
mod signer;
#[cfg(test)]
mod tests;

pub(crate) use self::layer::AffinityLayer;
pub(crate) use self::policy::Affine;
pub(crate) use self::service::StickyService;
pub(crate) use self::set_cookie::line as set_cookie_line;

/// The endpoint's id in a request's cookie: a request extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sticky(pub(crate) u64);
