//! Other projects' software on both sides: curl and a browser in front, nginx behind, gRPC in front and behind.

mod chromium;
mod curl;
mod grpc;
mod nginx;
