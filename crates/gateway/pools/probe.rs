//! Probes: requests that ask upstreams whether they are well.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::Body;
use axum::http::header::{HOST, USER_AGENT};
use axum::http::uri::Authority;
use axum::http::{HeaderValue, Request};
use balance::{Endpoints, Health, Probes};
use proxy_service::{BoxError, Client, HostPolicy, InvalidTarget, ProxyLayer, Target, Timeouts};
use tower::{Layer, ServiceExt, service_fn};

use super::Endpoint;
use crate::config::HealthCheck;

const AGENT: HeaderValue = HeaderValue::from_static(concat!("gateway-probe/", env!("CARGO_PKG_VERSION")));

/// Probes each endpoint of a pool, for as long as the future is polled and the pool exists.
pub(super) fn probe(
    check: &HealthCheck,
    endpoints: &Endpoints<Endpoint>,
    client: &Client<Body>,
) -> impl Future<Output = ()> + Send + use<> {
    let probes =
        Probes::new().interval(check.interval).timeout(check.timeout).rise(check.rise).fall(check.fall);
    let asking =
        Arc::new(Asking { check: check.clone(), client: client.clone(), panicked: AtomicBool::new(false) });
    endpoints.probe(
        probes,
        service_fn(move |endpoint: Arc<balance::Endpoint<Endpoint>>| {
            let asking = Arc::clone(&asking);
            async move {
                let target = endpoint.service().target();
                let _says_if_it_panics = Panics { asking: &asking, target };
                let answer = asking.ask(target).await;
                match &answer {
                    // Once it is out, the reason is in the log already.
                    Err(error) if endpoint.health() == Health::Down => {
                        tracing::debug!(target: "gateway::health", upstream = %target, error, "a probe failed");
                    }
                    Err(error) => {
                        tracing::warn!(target: "gateway::health", upstream = %target, error, "a probe failed");
                    }
                    Ok(()) => {}
                }
                answer
            }
        }),
    )
}

struct Asking {
    check: HealthCheck,
    client: Client<Body>,
    /// Whether a probe of this pool has panicked. That is a bug in the gateway, and it is logged only once.
    panicked: AtomicBool,
}

/// Logs a panic: if a probe panics, this is dropped while the stack unwinds.
struct Panics<'a> {
    asking: &'a Asking,
    target: &'a Target,
}

impl Drop for Panics<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() && !self.asking.panicked.swap(true, Ordering::Relaxed) {
            tracing::error!(
                target: "gateway::health",
                upstream = %self.target,
                "a probe panicked and counts as failed; further panics of this pool's probes are not logged"
            );
        }
    }
}

impl Asking {
    /// Sends one probe. It succeeds if the status is an expected one. The body isn't read.
    async fn ask(&self, target: &Target) -> Result<(), BoxError> {
        let timeouts = Timeouts { response_head: self.check.timeout, ..Timeouts::default() };
        let target = self.probed(target)?;
        let request = self.request(target.authority());
        let proxy = ProxyLayer::new(target).timeouts(timeouts).host(HostPolicy::Preserve).own_requests();
        let proxy = proxy.layer(self.client.clone());
        let status = proxy.oneshot(request).await.map_err(BoxError::from)?.status();
        match self.check.status.contains(&status.as_u16()) {
            true => Ok(()),
            false => Err(format!("it answered {status}").into()),
        }
    }

    /// The target of a probe: the upstream without its base path, at the port for probes if there is one.
    fn probed(&self, target: &Target) -> Result<Target, InvalidTarget> {
        let Some(port) = self.check.port else { return Ok(target.without_base_path()) };
        let probed: Target = format!("{}://{}:{port}", target.scheme(), target.authority().host()).parse()?;
        Ok(match target.address() {
            Some(address) => probed.at(SocketAddr::new(address.ip(), port.get())),
            None => probed,
        })
    }

    fn request(&self, own: &Authority) -> Request<Body> {
        let host = self.check.host.as_ref().unwrap_or(own);
        let host = HeaderValue::from_str(host.as_str()).expect("an authority is visible ASCII");
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = self.check.path.clone().into();
        request.headers_mut().insert(HOST, host);
        request.headers_mut().insert(USER_AGENT, AGENT);
        request
    }
}
