//! One dial for all requests that wait for a connection.

use std::error::Error;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;

use tokio::sync::watch;

use super::super::error::ClientError;
use super::super::waiting::Patience;

/// The dials of a set, one at a time. Each dial is a task of its own, so it goes on even if the requests that wait for
/// it are given up.
#[derive(Default)]
pub(super) struct Flight {
    progress: watch::Sender<Progress>,
}

#[derive(Default)]
struct Progress {
    is_dialing: bool,
    /// The dial waits until the endpoint may have one more connection.
    is_in_line: bool,
    landed: u64,
    failure: Option<SharedError>,
}

impl Flight {
    /// Waits for the dial that is under way. If there is none, `begin` spawns one, which gets the [`Landing`].
    ///
    /// # Errors
    /// The dial's error, which each request gets that waited for it; or that the dial was in line for as long as this
    /// request may wait.
    pub(super) async fn join(
        this: &Arc<Self>,
        patience: &mut Patience,
        begin: impl FnOnce(Landing),
    ) -> Result<(), ClientError> {
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
        loop {
            let is_in_line = {
                let progress = progress.borrow_and_update();
                if progress.landed > landed_before {
                    return progress
                        .failure
                        .clone()
                        .map_or(Ok(()), |failure| Err(ClientError::unsent(failure)));
                }
                progress.is_in_line
            };
            let changed = progress.changed();
            let changed = if is_in_line {
                patience.wait(changed).await.map_err(ClientError::unsent)?
            } else {
                changed.await
            };
            changed.expect("this flight is what sends it");
        }
    }
}

/// Belongs to the dial. When it is dropped, all requests that wait learn that the dial is over.
pub(in crate::client) struct Landing {
    flight: Arc<Flight>,
    failure: Option<SharedError>,
}

impl Landing {
    pub(in crate::client) fn failed(mut self, error: ClientError) {
        self.failure = Some(SharedError(Arc::new(error)));
    }

    /// Waits for `turn`, the permission for one more connection. If that takes any time, all requests that wait for the
    /// dial learn that it is in line.
    pub(in crate::client) async fn in_line<F: Future>(&self, turn: F) -> F::Output {
        let mut turn = pin!(turn);
        let turn = poll_fn(|cx| {
            let polled = turn.as_mut().poll(cx);
            self.set_in_line(polled.is_pending());
            polled
        });
        turn.await
    }

    fn set_in_line(&self, is_in_line: bool) {
        self.flight.progress.send_if_modified(|progress| {
            let was_in_line = std::mem::replace(&mut progress.is_in_line, is_in_line);
            was_in_line != is_in_line
        });
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        let failure = self.failure.take();
        self.flight.progress.send_modify(|progress| {
            progress.is_dialing = false;
            progress.is_in_line = false;
            progress.landed += 1;
            progress.failure = failure;
        });
    }
}

/// Why a dial failed, as all requests get it that waited for it.
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
