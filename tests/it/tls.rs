//! TLS at the listener: certificates by name, versions, resumption, clients' certificates, and what becomes of clients
//! that don't keep to the protocol.

mod client_certificates;
mod ending;
mod handshakes;
mod names;
mod openssl;
mod protocols;
mod replaced;
mod scheme;
mod sessions;
mod support;
