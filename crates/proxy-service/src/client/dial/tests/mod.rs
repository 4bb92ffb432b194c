//! Connecting over real sockets.

mod connecting;
#[cfg(feature = "tls")]
mod encrypted;
mod own;
mod speaking;
#[cfg(unix)]
mod unix;

#[cfg(feature = "tls")]
#[path = "../../../../tests/it/support/authority.rs"]
mod authority;
#[path = "../../../../../../tests/it/support/unreachable.rs"]
#[allow(unreachable_pub, reason = "the gateway's tests include it too")]
mod unreachable;

use std::io;

use super::*;
use crate::classify::{self, Outcome};
use crate::error::{ErrorKind, Stage};

const LIMIT: Duration = Duration::from_secs(5);

fn options(protocols: Protocols) -> DialOptions {
    DialOptions {
        connect_timeout: LIMIT,
        protocols,
        proxy_header: None,
        own: None,
        #[cfg(feature = "tls")]
        tls: None,
        #[cfg(feature = "tls")]
        server_name: None,
    }
}

async fn dial(protocols: Protocols, target: &str) -> Result<Transport, DialError> {
    Dialer::new(options(protocols)).dial(&target.parse().unwrap(), None).await
}

/// The kind of error that a failed dial is classified as. Checks that the request counts as unsent.
#[track_caller]
fn kind(error: DialError) -> ErrorKind {
    let shown = format!("{error:?}");
    let Outcome { error, unsent, stale, .. } = classify::outcome(error.into());
    assert!(unsent && !stale && error.stage() == Stage::Connect, "{shown}");
    error.kind()
}
