use std::{
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};

use tokio::time::timeout;
use tower_service::Service;

use crate::endpoint::Endpoint;

/// Whether `service` returns `Ok` for `endpoint` within `limit`. If it panics that is a no, and the caller goes on.
pub(super) async fn is_answered<S, Q>(service: &mut Q, endpoint: &Arc<Endpoint<S>>, limit: Duration) -> bool
where
    Q: Service<Arc<Endpoint<S>>>,
{
    let asked = async {
        poll_fn(|cx| service.poll_ready(cx)).await?;
        service.call(Arc::clone(endpoint)).await
    };
    let mut asked = pin!(timeout(limit, asked));
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| asked.as_mut().poll(cx))) {
        Ok(answer) => answer.map(|answer| matches!(answer, Ok(Ok(_)))),
        Err(_panic) => Poll::Ready(false),
    })
    .await
}
