//! Turns errors of the balancer into errors of the proxy, so that all are answered alike.

use balance::{BoxError, Overloaded};
use proxy_service::ProxyError;

/// Turns [`Overloaded`] into a [`ProxyError`] that says that a limit is reached. Other errors stay as they are.
pub(crate) fn explained(error: BoxError) -> BoxError {
    match error.downcast::<Overloaded>() {
        Ok(overloaded) => ProxyError::limit_reached(*overloaded).into(),
        Err(other) => other,
    }
}
