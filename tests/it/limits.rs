//! Messages that are too large: how much is read, what the upstream sees of it, and whether the client can read the
//! answer.

mod answers;
mod bodies;
mod heads;
mod lingering;
