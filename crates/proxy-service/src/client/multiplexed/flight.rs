//! One dial for all who wait for a connection.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use tokio::sync::watch;

use super::super::error::ClientError;

/// Dials, one at a time. Each is a task of its own, so that it comes to its end whoever gives up waiting for it.
#[derive(Default)]
pub(super) struct Flight {
    progress: watch::Sender<Progress>,
}

#[derive(Default)]
struct Progress {
    is_dialing: bool,
    landed: u64,
    failure: Option<SharedError>,
}

impl Flight {
    /// Waits for the dial that is under way, or for one that `begin` spawns and hands its [`Landing`].
    ///
    /// # Errors
    /// The dial's, for each who waited for it.
    pub(super) async fn join(this: &Arc<Self>, begin: impl FnOnce(Landing)) -> Result<(), SharedError> {
        let mut progress = this.progress.subscribe();
        let (mut landed_before, mut is_first) = (0, false);
        this.progress.send_if_modified(|progress| {
            landed_before = progress.landed;
            is_first = !progress.is_dialing;
            progress.is_dialing = true;
            false
        });
        if is_first {
            begin(Landing { flight: Arc::clone(this), failure: None });
        }
        let landing = progress.wait_for(|progress| progress.landed > landed_before).await;
        match landing.ok().and_then(|progress| progress.failure.clone()) {
            Some(failure) => Err(failure),
            None => Ok(()),
        }
    }
}

/// Tells all who wait, when dropped, that the dial is over.
pub(in crate::client) struct Landing {
    flight: Arc<Flight>,
    failure: Option<SharedError>,
}

impl Landing {
    pub(in crate::client) fn failed(mut self, error: ClientError) {
        self.failure = Some(SharedError(Arc::new(error)));
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        let failure = self.failure.take();
        self.flight.progress.send_modify(|progress| {
            progress.is_dialing = false;
            progress.landed += 1;
            progress.failure = failure;
        });
    }
}

/// Why a dial failed that many waited for.
#[derive(Clone, Debug)]
pub(super) struct SharedError(Arc<ClientError>);

impl fmt::Display for SharedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection that was waited for was not made")
    }
}

impl Error for SharedError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}
