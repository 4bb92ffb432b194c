//! Whatever an upstream does, the client gets the right status or a message that is visibly broken: never half an
//! answer that looks whole, and never a word about the reason. The statuses are those of docs/behaviour.md.

mod before_head;
mod body;
mod clients_fault;
mod connecting;
mod grpc;
mod matrix;
mod peculiar;
