//! Errors of the balancer in the words of the proxy, so that they are answered like its own.

use balance::{BoxError, Overloaded};
use proxy_service::ProxyError;

/// No room is a limit reached; everything else stays as it is.
pub(crate) fn explained(error: BoxError) -> BoxError {
    match error.downcast::<Overloaded>() {
        Ok(overloaded) => ProxyError::limit_reached(*overloaded).into(),
        Err(other) => other,
    }
}
