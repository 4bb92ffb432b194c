//! What is too large: how much of it is taken, what the upstream gets to see of it, and whether the client reads the
//! answer.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

#[path = "limits/answers.rs"]
mod answers;
#[path = "limits/bodies.rs"]
mod bodies;
#[path = "limits/heads.rs"]
mod heads;
#[path = "limits/lingering.rs"]
mod lingering;
