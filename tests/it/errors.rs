//! behaviour.md §6, row by row, and threats.md R4: whatever an upstream does, the client gets the right status or a
//! message that is visibly broken, never half an answer that looks whole, and never a byte of why.

mod before_head;
mod body;
mod clients_fault;
mod connecting;
mod grpc;
mod matrix;
mod peculiar;
