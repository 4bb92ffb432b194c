//! The listener over real sockets, with a file for each part of its behaviour.

mod closing;
mod deadlines;
mod descriptors;
mod framing;
mod limits;
mod parked;
mod passing;
mod pipelined;
mod protocols;
mod shutdown;
mod support;
