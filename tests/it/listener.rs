//! The listener over real sockets, one room of its behaviour a file.

mod closing;
mod deadlines;
mod descriptors;
mod framing;
mod limits;
mod parked;
mod protocols;
mod shutdown;
mod support;
