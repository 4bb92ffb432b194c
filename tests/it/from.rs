//! `examples/from/`: configurations of other proxies, and the gateway's file for each. Both are asked the same, and have to
//! do the same: same status, same upstream, same fields both ways, but for the differences that the folder's README
//! names.

mod asked;
mod caddy;
mod compared;
mod example;
mod haproxy;
mod nginx;
mod original;
mod readme;
mod requests;
mod upstream;
mod yarp;
