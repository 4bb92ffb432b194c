//! Certificates by themselves (ACME, RFC 8555): a listener's certificate is ordered from an authority, and renewed
//! before it expires. No request and no handshake waits for it.
//!
//! - `keepers`, `keeper`: each keeps one certificate valid, for as long as the gateway runs.
//! - `renewal`: when it is renewed, and how long to wait after a failure.
//! - `authority`, `requests`: what the authority is asked, and how. `failure`: why there is no certificate.
//! - `proofs`, `tokens`: show the authority that the names are ours.
//! - `storage`, `stored`: a directory with the account and the certificates, which several gateways may share.

mod authority;
mod failure;
mod keeper;
mod keepers;
mod proofs;
mod renewal;
mod requests;
mod storage;
mod stored;
mod tokens;

pub(crate) use self::keepers::keep_all;
pub(crate) use self::tokens::{PREFIX, pages};
