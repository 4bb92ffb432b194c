//! Other projects' software on both sides: curl in front, nginx behind, gRPC in front and behind.

mod curl;
mod grpc;
mod nginx;
