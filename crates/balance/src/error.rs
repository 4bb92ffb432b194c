use std::{error::Error, fmt};

/// The error of a [`Balance`](crate::Balance): whatever the endpoint's service failed with, or [`NoEndpoints`].
pub type BoxError = Box<dyn Error + Send + Sync>;

/// No endpoint may be asked: there is none, or all are draining, have weight 0 or were already tried.
///
/// Answered at once, never after a wait. Found in a [`BoxError`] by `downcast_ref`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct NoEndpoints;

impl fmt::Display for NoEndpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no endpoint to send the request to")
    }
}

impl Error for NoEndpoints {}
