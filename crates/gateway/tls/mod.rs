//! TLS at the listeners: which certificate a client gets, what it has to show, and what upstreams are told of it.
//!
//! - `terminators`, `terminator`: how each listener speaks TLS.
//! - `certificates`, `table`, `issued`: the certificates by their names. They change while the listener listens.
//! - `facts`: what stands in a certificate.
//! - `configured`: the certificates of the configuration are read again when their files change, and the log says it when
//!   one expires soon.
//! - `client`: what upstreams are told of a client's certificate.
//! - `acme`: certificates that are ordered from an authority.
//! - `hsts`: tells browsers to use nothing but `https`.

#[cfg(feature = "acme")]
pub(crate) mod acme;
mod certificates;
mod client;
mod configured;
mod facts;
mod hsts;
mod issued;
mod measured;
mod table;
mod terminator;
mod terminators;

pub(crate) use self::client::told;
pub(crate) use self::facts::Facts;
#[cfg(feature = "acme")]
use self::issued::Issued;
pub(crate) use self::measured::MeasuredCertificates;
pub(crate) use self::terminators::{Prepared, Terminators};
