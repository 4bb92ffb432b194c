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

/// Whether `service` says yes to `endpoint` within `limit`. A panic of its is a no, and ends nothing but this question.
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
