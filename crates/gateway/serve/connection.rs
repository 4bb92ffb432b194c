//! One connection from accept to close: finds out what came, and has it served.
//!
//! All of it runs in the connection's own task, so that no client keeps the others of its worker waiting. The stages, in
//! this order: what stands before HTTP and adds to the [`Arrival`], the service that is made for it, the protocol, and
//! its requests.

use std::convert::Infallible;
use std::future::poll_fn;
use std::sync::Arc;

use http::{Request, Response};
use http_body::Body;
use tokio::time::Instant;
use tower::{BoxError, Service};

use super::arrival::Arrival;
use super::ear::Ear;
use super::http1::Opening;
use super::request_body::RequestBody;
use super::shutdown::Begun;
use super::sniff::{Protocol, sniff};
use super::stream::OverSocket;
use super::timer::Timer;
use super::{Options, http1, http2};

/// What all connections of a listener have in common.
pub(super) struct Reception<M> {
    /// Makes the service for a connection.
    pub(super) make_service: M,
    pub(super) options: Arc<Options>,
}

/// Serves one connection to its end. This isn't an `async fn`, because the future of one would hold the arguments
/// twice.
pub(super) fn serve_connection<T, M, S, B>(
    mut stream: T,
    arrival: Arrival,
    reception: Arc<Reception<M>>,
    begun: Begun,
) -> impl Future<Output = ()> + Send
where
    T: OverSocket,
    M: Fn(&Arrival) -> S + Send + Sync,
    S: Service<Request<RequestBody>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
    B: Body<Data: Send, Error: Into<BoxError>> + Default + Send + 'static,
{
    let since = Instant::now();
    async move {
        let mut timer = Timer::new(since, reception.options.limits.request_head);
        let mut ear = Ear::new(begun);
        let service = (reception.make_service)(&arrival);
        let options = Arc::clone(&reception.options);
        drop((reception, arrival));
        let sniffed = tokio::select! {
            biased;
            sniffed = sniff(&mut stream) => sniffed,
            () = poll_fn(|cx| timer.poll_expired(cx)) => return,
            () = poll_fn(|cx| ear.poll_begun(cx)) => return,
        };
        let Ok(Some((protocol, received))) = sniffed else { return };
        match protocol {
            Protocol::Http1 => {
                let opening = Opening { stream, received, since, timer, ear };
                http1::serve(opening, service, options).await;
            }
            Protocol::Http2 => {
                drop(timer);
                Box::pin(http2::serve(stream, received.freeze(), service, *options, ear)).await;
            }
        }
    }
}
