//! What is too large: how much of it is taken, what the upstream gets to see of it, and whether the client reads the
//! answer.

mod answers;
mod bodies;
mod heads;
mod lingering;
