//! Clients that come back to the endpoint that answered them before: by a cookie that names it, signed.
//!
//! [`AffinityLayer`] stands around a pool's balancer, which needs [`Affine`] for its policy, endpoints with
//! [ids](balance::Entry::id) that outlive the process, and a completion that is asked for the reasons of each request with
//! [`AskedWhy`](crate::pick::AskedWhy). A cookie is a wish: where its endpoint is gone, draining, ejected or full, the pool's own policy picks
//! another, and the answer brings a new cookie for that one.
//!
//! - Browsers know the cookie by its name for the whole host (`Path=/`): pools with affinity need a name each.
//! - It is set where it is not the right one yet, and not renewed: `Max-Age` counts from the client's first answer.
//! - The request goes on with the cookie in it, as with nginx; it tells an upstream no more than that it is the one.
//! - `Cache-Control` stays the upstream's: a shared cache that stores answers in spite of their `Set-Cookie`
//!   (RFC 9111 §7.3) hands one client's endpoint to all.

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

/// The id of the endpoint that a request's client was with before: a request extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sticky(pub(crate) u64);
