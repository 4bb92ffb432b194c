use std::{error::Error, fmt};

/// The error of a [`Balance`](crate::Balance): the error of the endpoint's service, [`NoEndpoints`], or
/// [`Overloaded`](crate::Overloaded).
pub type BoxError = Box<dyn Error + Send + Sync>;

/// There is no endpoint to ask: there are none, or all are draining, down, of weight 0, or were already tried.
///
/// The request fails at once and doesn't wait. To find this error in a [`BoxError`], use `downcast_ref`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct NoEndpoints;

impl fmt::Display for NoEndpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no endpoint to send the request to")
    }
}

impl Error for NoEndpoints {}
