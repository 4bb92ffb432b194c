#![doc = include_str!("../README.md")]
//!
//! ## Where to find what
//!
//! | for | look at |
//! |---|---|
//! | a connection that requests come over | [`Server`], [`Phase`] |
//! | a connection that requests are sent over | [`Client`], [`Answer`] |
//! | what comes of a body | [`Piece`], [`BodyLength`] |
//! | what is sent | [`RequestHead`], [`ResponseHead`], [`BodySize`], [`HeaderCase`], [`HttpDate`] |
//! | memory between the state and the socket | [`ReadBuffer`], [`WriteBuffer`], [`Framed`], [`Slices`] |
//! | limits | [`Limits`] |
//! | what is wrong with a message | [`Fault`], [`FaultKind`], [`RefusedHead`], [`Unsendable`] |

mod body;
mod buffer;
mod client;
mod fault;
mod framing;
mod head;
mod limits;
mod reason;
mod server;
mod unsendable;
mod write;

pub use self::body::Piece;
pub use self::buffer::{Framed, ReadBuffer, Slices, WriteBuffer};
pub use self::client::{Answer, Client};
pub use self::fault::{Fault, FaultKind};
pub use self::framing::BodyLength;
pub use self::head::RefusedHead;
pub use self::limits::Limits;
pub use self::reason::ReasonPhrase;
pub use self::server::{Phase, Server};
pub use self::unsendable::Unsendable;
pub use self::write::{BodySize, HeaderCase, HttpDate, RequestHead, ResponseHead};
