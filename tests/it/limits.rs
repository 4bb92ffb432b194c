//! Messages that are too large: how much is read, what the upstream sees of it, and whether the client can read the
//! answer. And the other limits of routes: how often requests may come, how many, and how long they may take.

mod answers;
mod bodies;
mod buffers;
mod concurrency;
mod heads;
mod lingering;
mod rates;
mod shared;
mod times;
