//! What a route changes of targets, fields and references, over real sockets.

mod fields;
mod forwarded;
mod references;
mod targets;
