//! Who may enter a route: addresses, passwords, tokens, or whoever another service lets in.
//!
//! Each kind of entry is a [`Guard`], and a [`GuardLayer`] puts one in front of a service. A request that is refused
//! never reaches the service: neither its readiness is asked for, nor the body read.
//!
//! | guard | asks for |
//! |---|---|
//! | [`Addresses`] | an address in a list, or in none |
//! | [`BasicAuth`] | a name and a password (RFC 7617) |
//! | [`JwtAuth`] | a JSON Web Token (RFC 7519), as a bearer token (RFC 6750) or in a cookie |
//! | [`ForwardAuth`] | the consent of another service |
//! | [`AnyOf`] | what one of several of them asks for |
//!
//! A guard removes the credentials that it has checked, and the header fields in which it tells the service who the
//! client is: nobody else can set them.

mod addresses;
mod admit;
mod any;
mod asking;
mod basic;
mod credential;
mod forward;
mod guard;
mod identity;
#[cfg(feature = "jwt")]
mod issuers;
#[cfg(feature = "jwt")]
mod jwt;
mod layer;
mod rejection;
mod standing;

pub use self::addresses::Addresses;
pub(crate) use self::admit::{by_address, by_credentials};
pub use self::any::AnyOf;
pub use self::basic::{BasicAuth, Hashing};
pub use self::forward::ForwardAuth;
pub use self::guard::{Granted, Guard, Verdict};
#[cfg(feature = "jwt")]
pub use self::jwt::JwtAuth;
pub use self::layer::{GuardLayer, Guarded};
pub use self::rejection::{Rejection, RejectionKind};
pub(crate) use self::standing::Guards;
