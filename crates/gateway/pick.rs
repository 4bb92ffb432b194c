//! Says why a request went to its upstream: in the log, and in the response if an administrator sent `x-gateway-pick`.

use std::borrow::Cow;
use std::fmt::{self, Write};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Request, Response};
use balance::{Picked, Why};
use pin_project_lite::pin_project;
use tower::Service;

/// The header that asks why a request goes to its upstream. Its value in a request doesn't matter; in the response it
/// is the answer.
pub(crate) static X_GATEWAY_PICK: HeaderName = HeaderName::from_static("x-gateway-pick");

/// Asks the balancer to say which endpoint it picked and why: a request extension.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AskedWhy;

/// Whether the balancer is to say which endpoint it picked for `request` and why.
pub(crate) fn is_asked_for(request: &Request<Body>) -> bool {
    request.extensions().get::<AskedWhy>().is_some() || is_logged()
}

fn is_logged() -> bool {
    tracing::enabled!(target: "gateway::pick", tracing::Level::DEBUG)
}

/// The URLs of a pool's present upstreams, by the ids of their endpoints.
#[derive(Clone)]
pub(crate) struct Names {
    find: Arc<dyn Fn(u64) -> Option<String> + Send + Sync>,
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Names").finish_non_exhaustive()
    }
}

impl Names {
    pub(crate) fn found_by(find: impl Fn(u64) -> Option<String> + Send + Sync + 'static) -> Self {
        Self { find: Arc::new(find) }
    }

    /// The upstreams of several pools.
    pub(crate) fn of_all(pools: Vec<Self>) -> Self {
        Self::found_by(move |id| pools.iter().find_map(|names| (names.find)(id)))
    }

    /// The name of an upstream. One that has just been removed has none any more.
    fn of_id(&self, id: u64) -> Cow<'static, str> {
        (self.find)(id).map_or("removed".into(), Cow::from)
    }

    /// Logs why the response's upstream was picked, if the target `gateway::pick` is on.
    pub(crate) fn log<B>(&self, response: &Response<B>) {
        if is_logged()
            && let Some(picked) = response.extensions().get::<Picked>()
        {
            tracing::debug!(target: "gateway::pick", "{}", Told { picked, names: self });
        }
    }
}

/// Answers a request's `x-gateway-pick`. It names upstreams, so it must be behind a gate.
#[derive(Clone, Debug)]
pub(crate) struct Tell<S> {
    inner: S,
    names: Names,
}

impl<S> Tell<S> {
    pub(crate) fn new(inner: S, names: Names) -> Self {
        Self { inner, names }
    }
}

impl<S, B> Service<Request<Body>> for Tell<S>
where
    S: Service<Request<Body>, Response = Response<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = TellFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let asked = request.headers_mut().remove(&X_GATEWAY_PICK);
        let names = asked.map(|_| {
            request.extensions_mut().insert(AskedWhy);
            self.names.clone()
        });
        TellFuture { inner: self.inner.call(request), names }
    }
}

pin_project! {
    pub(crate) struct TellFuture<F> {
        #[pin]
        inner: F,
        names: Option<Names>,
    }
}

impl<F, B, E> Future for TellFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let mut response = ready!(this.inner.poll(cx))?;
        if let Some(names) = this.names {
            let told = told(response.extensions().get::<Picked>(), names);
            response.headers_mut().insert(&X_GATEWAY_PICK, told);
        }
        Poll::Ready(Ok(response))
    }
}

/// The value of `x-gateway-pick` in the response; `none` if no upstream answered.
fn told(picked: Option<&Picked>, names: &Names) -> HeaderValue {
    let text = picked.map_or_else(|| "none".to_owned(), |picked| Told { picked, names }.to_string());
    HeaderValue::try_from(text).expect("targets and numbers are visible ASCII")
}

/// Displays a pick, such as
/// `http://HOST; index=0; policy=round-robin; version=1; attempt=1; skipped="http://OTHER ejected"`.
struct Told<'a> {
    picked: &'a Picked,
    names: &'a Names,
}

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Picked { index, id, policy, version, attempt, ref skipped, .. } = *self.picked;
        let name = self.names.of_id(id);
        write!(f, "{name}; index={index}; policy={policy}; version={version}; attempt={attempt}")?;
        for (nth, skipped) in skipped.iter().enumerate() {
            f.write_str(if nth == 0 { "; skipped=\"" } else { ", " })?;
            write!(f, "{} {}", self.names.of_id(skipped.id), word(skipped.why))?;
        }
        if skipped.is_empty() { Ok(()) } else { f.write_char('"') }
    }
}

fn word(why: Why) -> &'static str {
    match why {
        Why::Ejected => "ejected",
        Why::SlowStart => "slow-start",
        Why::Full => "full",
        Why::NotReady => "not-ready",
        Why::Leaving => "leaving",
        Why::Failed => "failed",
        Why::Slow => "slow",
        _ => "skipped",
    }
}
