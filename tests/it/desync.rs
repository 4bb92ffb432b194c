//! Where one message ends and the next begins: threats.md T1 and T4 to T10 (T2 and T3 are the upgrades').
//!
//! The client sends exact bytes; the upstreams are the strict recorder and two parsers of other people's, hyper's and
//! nginx's, which must read the same requests out of what the gateway sends.

mod chunks;
mod early_answers;
mod extra_answers;
mod grid;
mod h2_lengths;
mod heads;
mod local_answers;
mod parsers;
mod smuggling;
mod vectors;
