//! Every header rule of a gateway, on the wire, both ways.

mod bodiless;
mod case;
mod forwarded;
mod framing;
mod hop_by_hop;
mod host;
mod request_id;
mod via;
