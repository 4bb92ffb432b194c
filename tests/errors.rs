//! behaviour.md §6, row by row, and threats.md R4: whatever an upstream does, the client gets the right status or a
//! message that is visibly broken, never half an answer that looks whole, and never a byte of why.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

#[path = "errors/before_head.rs"]
mod before_head;
#[path = "errors/body.rs"]
mod body;
#[path = "errors/clients_fault.rs"]
mod clients_fault;
#[path = "errors/connecting.rs"]
mod connecting;
#[path = "errors/grpc.rs"]
mod grpc;
#[path = "errors/matrix.rs"]
mod matrix;
#[path = "errors/peculiar.rs"]
mod peculiar;
