//! Upstreams that come and go: finds out at which endpoints the upstreams of a pool are at present.
//!
//! A configuration names them directly, or it names where to look: a [name] with addresses in DNS, a
//! name with SRV records, or a file that another program writes. A program that embeds the gateway may bring a source
//! of its own, with [`Gateway::discovery`](crate::Gateway::discovery): a stream of sets of [`Found`] endpoints.
//!
//! A source that fails, or that finds nothing, changes nothing: the pool keeps what was found last, and the log says
//! so, once.
//!
//! [name]: crate::config::Location::Name

#![cfg_attr(not(feature = "dns"), expect(dead_code, reason = "only lookups in DNS have a pace"))]

#[cfg(feature = "dns")]
mod addresses;
mod endpoints_file;
mod file;
mod found;
mod looked;
#[cfg(feature = "dns")]
mod names;
mod news;
mod own;
mod pace;
#[cfg(feature = "dns")]
mod resolver;
#[cfg(feature = "dns")]
mod routes;
#[cfg(feature = "dns")]
mod services;
mod source;

pub use self::found::Found;
pub(crate) use self::own::{Latest, latest};
pub(crate) use self::pace::Asked;
pub(crate) use self::source::{Source, Sources};
