//! Where one message ends and the next begins. The gateway and its peers must never disagree about it, or one client
//! could smuggle requests into the connection of another. (`tests/it/websocket/refused.rs` has the same for upgrades;
//! docs/threats.md lists the attacks.)
//!
//! The client sends exact bytes. The upstreams are the strict recorder and two parsers of other projects, hyper's and
//! nginx's, which must read the same requests out of what the gateway sends.

mod chunks;
mod early_answers;
mod extra_answers;
mod grid;
mod h2_heads;
mod h2_lengths;
mod heads;
mod local_answers;
mod parsers;
mod smuggling;
mod vectors;
