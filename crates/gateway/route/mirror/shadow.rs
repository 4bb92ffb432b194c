//! The copies that are under way.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::body::Body;
use axum::http::{Request, Response};
use tower::{Service, ServiceExt};

use super::options::{Mirrored, Options};

/// All copies to one service.
pub(super) struct Shadows<T> {
    shared: Arc<Shared<T>>,
}

struct Shared<T> {
    service: T,
    options: Options,
}

/// The place of one copy. It is given back when this is dropped.
pub(super) struct Shadow<T> {
    shared: Arc<Shared<T>>,
}

impl<T> Shadows<T> {
    pub(super) fn new(service: T, options: Options) -> Self {
        Self { shared: Arc::new(Shared { service, options }) }
    }

    pub(super) fn options(&self) -> &Options {
        &self.shared.options
    }

    /// A place for the copy of a request with a body of at least this length. `None` if there is none, which is counted.
    pub(super) fn begin(&self, length: u64) -> Option<Shadow<T>> {
        let options = self.options();
        if length > options.max_body as u64 {
            (options.count)(Mirrored::TooLong);
            return None;
        }
        // `Relaxed`: only the number counts.
        let one_more = |now| (now < options.max_in_flight).then_some(now + 1);
        if options.copies.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).is_err() {
            (options.count)(Mirrored::Full);
            return None;
        }
        Some(Shadow { shared: Arc::clone(&self.shared) })
    }
}

impl<T> Shadow<T> {
    pub(super) fn options(&self) -> &Options {
        &self.shared.options
    }

    pub(super) fn count(&self, mirrored: Mirrored) {
        (self.shared.options.count)(mirrored);
    }
}

impl<T, R> Shadow<T>
where
    T: Service<Request<Body>, Response = Response<R>, Error: Send, Future: Send>,
    T: Clone + Send + Sync + 'static,
    R: http_body::Body<Data: Send, Error: Send> + Send + 'static,
{
    /// Sends the copy, in a task of its own.
    pub(super) fn send(self, copy: Request<Body>) {
        tokio::spawn(async move {
            let exchange = async {
                let response = self.shared.service.clone().oneshot(copy).await.map_err(drop)?;
                // Read to its end, so that the connection can be used again.
                let mut body = pin!(response.into_body());
                while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
                    frame.map_err(drop)?;
                }
                Ok::<_, ()>(())
            };
            let is_answered = tokio::select! {
                ended = tokio::time::timeout(self.options().timeout, exchange) => matches!(ended, Ok(Ok(()))),
                () = (self.options().end)() => false,
            };
            self.count(if is_answered { Mirrored::Answered } else { Mirrored::Failed });
        });
    }
}

impl<T> Drop for Shadow<T> {
    fn drop(&mut self) {
        self.options().copies.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<T> Clone for Shadows<T> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}
