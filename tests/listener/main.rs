//! The listener over real sockets, one room of its behaviour a file.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod closing;
mod deadlines;
mod descriptors;
mod framing;
mod limits;
mod parked;
mod protocols;
mod shutdown;
mod support;
