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
use tracing::debug;

use super::arrival::Arrival;
use super::ear::Ear;
use super::http1::Opening;
use super::http2::Opened;
use super::layered::Layered;
use super::protocol::Protocol;
use super::proxied::Proxied;
use super::request_body::RequestBody;
#[cfg(feature = "tls")]
use super::security::Security;
use super::shutdown::Begun;
use super::sniff::sniff;
use super::stream::OverSocket;
use super::timer::Timer;
use super::{LiveOptions, Options, http1, http2};
use crate::observe::metrics::ListenerMeter;

/// What all connections of a listener have in common.
pub(crate) struct Reception<M> {
    /// Makes the service for a connection.
    make_service: M,
    options: LiveOptions,
    /// Takes the clients' addresses from PROXY headers, if connections begin with one.
    proxied: Option<Proxied>,
    #[cfg(feature = "tls")]
    security: Security,
    meter: Arc<ListenerMeter>,
}

impl<M> Reception<M> {
    /// Without TLS.
    pub(crate) fn new(make_service: M, options: LiveOptions) -> Self {
        Self {
            make_service,
            options,
            proxied: None,
            #[cfg(feature = "tls")]
            security: Security::none(),
            meter: Arc::default(),
        }
    }

    /// With PROXY headers in front of everything else.
    pub(crate) fn behind(self, proxied: Option<Proxied>) -> Self {
        Self { proxied, ..self }
    }

    #[cfg(feature = "tls")]
    pub(crate) fn secured_by(self, security: Security) -> Self {
        Self { security, ..self }
    }

    /// With a meter that is read elsewhere.
    pub(crate) fn counted_by(self, meter: Arc<ListenerMeter>) -> Self {
        Self { meter, ..self }
    }

    pub(super) fn meter(&self) -> &Arc<ListenerMeter> {
        &self.meter
    }

    /// The options for a connection that begins now.
    pub(super) fn options(&self) -> Arc<Options> {
        self.options.load_full()
    }

    /// Does what comes before HTTP. `None` if the connection ends with it.
    #[cfg_attr(not(feature = "tls"), expect(unused_variables, reason = "only TLS has options"))]
    async fn enter<T: OverSocket>(
        &self,
        mut stream: T,
        arrival: &mut Arrival,
        options: &Options,
    ) -> Option<Layered<T>> {
        if let Some(proxied) = &self.proxied {
            // Boxed, since few listeners need the room for it in each connection.
            let received = Box::pin(proxied.receive(&mut stream, arrival)).await;
            if let Err(refused) = received {
                debug!(peer = ?arrival.peer, %refused, "a connection is closed");
                self.meter.refused(refused.reason());
                return None;
            }
        }
        #[cfg(feature = "tls")]
        return self.security.secure(stream, arrival, &options.limits.linger, &self.meter).await;
        #[cfg(not(feature = "tls"))]
        Some(Layered::Plain(stream))
    }
}

/// Why a connection is closed that was too slow before its first request, as it is counted.
const TIMEOUT: &str = "timeout";

/// Serves one connection to its end. This isn't an `async fn`, because the future of one would hold the arguments
/// twice.
pub(super) fn serve_connection<T, M, S, B>(
    stream: T,
    mut arrival: Arrival,
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
        let options = reception.options();
        let mut timer = Timer::new(since, options.limits.request_head);
        let mut ear = Ear::new(begun);
        let entered = tokio::select! {
            biased;
            entered = reception.enter(stream, &mut arrival, &options) => entered,
            () = poll_fn(|cx| timer.poll_expired(cx)) => return reception.meter.refused(TIMEOUT),
            () = poll_fn(|cx| ear.poll_begun(cx)) => return,
        };
        let Some(mut stream) = entered else { return };
        let agreed = arrival.agreed();
        let service = (reception.make_service)(&arrival);
        let meter = Arc::clone(&reception.meter);
        drop((reception, arrival));
        let sniffed = tokio::select! {
            biased;
            sniffed = sniff(&mut stream) => sniffed,
            () = poll_fn(|cx| timer.poll_expired(cx)) => return meter.refused(TIMEOUT),
            () = poll_fn(|cx| ear.poll_begun(cx)) => return,
        };
        let Ok(Some((protocol, received))) = sniffed else { return };
        if agreed.is_some_and(|agreed| agreed != protocol) {
            return meter.refused("not_the_agreed_protocol");
        }
        match protocol {
            Protocol::Http1 => {
                meter.speaks_http1();
                drop(meter);
                let opening = Opening { stream, received, since, timer, ear };
                http1::serve(opening, service, options).await;
            }
            Protocol::Http2 => {
                drop(timer);
                let opening = Opened { stream, received: received.freeze(), meter };
                Box::pin(http2::serve(opening, service, *options, ear)).await;
            }
        }
    }
}
