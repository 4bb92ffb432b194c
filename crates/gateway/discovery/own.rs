//! Sets of endpoints from a source of the program's own.

use std::future::poll_fn;
use std::pin::pin;

use futures_core::Stream;
use tokio::sync::watch;

use super::found::Found;

/// The latest set of a source of the program's own: `None` before the first. Cheap to clone.
pub(crate) type Latest = watch::Receiver<Option<Vec<Found>>>;

/// The latest set of a stream, and the task that reads it. If the stream ends, its last set stays.
pub(crate) fn latest<S>(sets: S) -> (Latest, impl Future<Output = ()> + Send + use<S>)
where
    S: Stream<Item: IntoIterator<Item: Into<Found>>> + Send,
{
    let (latest, receiver) = watch::channel(None);
    let reading = async move {
        let mut sets = pin!(sets);
        while let Some(set) = poll_fn(|cx| sets.as_mut().poll_next(cx)).await {
            latest.send_replace(Some(set.into_iter().map(Into::into).collect()));
        }
        // A receiver that has lost its sender would take that for the end of its pool.
        latest.closed().await;
    };
    (receiver, reading)
}
