//! A copy of some requests for another service, whose answers nobody waits for.

mod copy;
mod options;
mod shadow;
mod teed;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Extensions, Request, Response};
use balance::Dice;
use http_body::Body as _;
use tower::{Layer, Service};

use self::copy::{may_be_copied, unmarked, with_copy};
pub(crate) use self::options::Copies;
pub use self::options::Mirrored;
use self::options::Options;
use self::shadow::Shadows;

/// Sends a copy of some requests to a second service as well.
///
/// The client sees nothing of it: it waits for no copy, and gets no answer and no error of one. A copy goes out once the
/// request's own service has read the whole body, so what that service reads is what is copied. It has the header
/// `x-gateway-mirror: true`, and goes on if the client leaves. Not copied are: a body that is longer than `max_body`, isn't
/// read to its end or breaks off; upgrades and CONNECT; requests with credentials that are for one connection (NTLM,
/// Negotiate), since another service would refuse them; trailers; and what comes while `max_in_flight` copies are under way.
///
/// ```
/// use axum::body::Body;
/// use axum::http::{Request, Response};
/// use gateway::route::MirrorLayer;
/// use std::convert::Infallible;
/// use tower::{Layer, ServiceExt, service_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let (copies, mut copied) = tokio::sync::mpsc::channel(1);
/// let shadow = service_fn(move |request: Request<Body>| {
///     let copies = copies.clone();
///     async move {
///         copies.send(request.uri().clone()).await.unwrap();
///         Ok::<_, Infallible>(Response::new(Body::empty()))
///     }
/// });
/// let service = service_fn(async |_: Request<Body>| Ok::<_, Infallible>(Response::new(Body::from("hello"))));
/// let mirrored = MirrorLayer::to(shadow).percent(100).layer(service);
/// mirrored.oneshot(Request::get("/x").body(Body::empty()).unwrap()).await.unwrap();
/// assert_eq!(copied.recv().await.unwrap(), "/x");
/// # }
/// ```
///
/// # Panics
/// The copies are tasks, so the services that it makes have to be called, and their requests' bodies read, within a tokio
/// runtime.
#[derive(Clone)]
pub struct MirrorLayer<T> {
    shadow: T,
    options: Options,
}

impl<T> MirrorLayer<T> {
    /// Copies of all requests go to `shadow`: bodies of up to 64 KiB, 100 at a time, each for 30 s at most.
    pub fn to(shadow: T) -> Self {
        let options = Options {
            percent: 100,
            max_body: 64 << 10,
            max_in_flight: 100,
            copies: Copies::default(),
            timeout: Duration::from_secs(30),
            extensions: |_| Extensions::new(),
            count: Arc::new(|_| {}),
            end: Arc::new(|| Box::pin(std::future::pending())),
        };
        Self { shadow, options }
    }

    /// How many of the requests are copied, in percent; 100 is all of them.
    #[must_use]
    pub fn percent(self, percent: u8) -> Self {
        Self { options: Options { percent, ..self.options }, ..self }
    }

    /// The longest body that is copied, in bytes.
    #[must_use]
    pub fn max_body(self, max_body: usize) -> Self {
        Self { options: Options { max_body, ..self.options }, ..self }
    }

    /// How many copies may be under way, with those that are being taken. Clones of the layer count together.
    #[must_use]
    pub fn max_in_flight(self, max_in_flight: usize) -> Self {
        Self { options: Options { max_in_flight, ..self.options }, ..self }
    }

    /// Counts the copies under way together with whoever else counts with these.
    pub(crate) fn counting_with(self, copies: Copies) -> Self {
        Self { options: Options { copies, ..self.options }, ..self }
    }

    /// How long one copy may take, to the end of its answer.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { options: Options { timeout, ..self.options }, ..self }
    }

    /// The extensions that a copy gets of those of its request. By default none: give it the
    /// [`Peer`](proxy_service::Peer), or a proxy tells the second service no client. Don't give it an
    /// [`Informational`](proxy_service::Informational), by which the client would hear of it.
    #[must_use]
    pub fn extensions(self, extensions: fn(&Extensions) -> Extensions) -> Self {
        Self { options: Options { extensions, ..self.options }, ..self }
    }

    /// Ends each copy at the latest when the future is ready that `end` makes for it. By default no such future is.
    #[must_use]
    pub fn until<F>(self, end: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self { options: Options { end: Arc::new(move || Box::pin(end())), ..self.options }, ..self }
    }

    /// Calls `count` with what became of each request that was chosen.
    #[must_use]
    pub fn counted_by(self, count: impl Fn(Mirrored) + Send + Sync + 'static) -> Self {
        Self { options: Options { count: Arc::new(count), ..self.options }, ..self }
    }
}

impl<S, T: Clone> Layer<S> for MirrorLayer<T> {
    type Service = Mirror<S, T>;

    fn layer(&self, inner: S) -> Mirror<S, T> {
        let shadows = Shadows::new(self.shadow.clone(), self.options.clone());
        Mirror { inner, shadows, chance: Arc::default() }
    }
}

/// The service that [`MirrorLayer`] makes.
#[derive(Clone)]
pub struct Mirror<S, T> {
    inner: S,
    shadows: Shadows<T>,
    chance: Arc<Dice>,
}

impl<S, T, R> Service<Request<Body>> for Mirror<S, T>
where
    S: Service<Request<Body>>,
    T: Service<Request<Body>, Response = Response<R>, Error: Send, Future: Send>,
    T: Clone + Send + Sync + 'static,
    R: http_body::Body<Data: Send, Error: Send> + Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> S::Future {
        unmarked(request.headers_mut());
        let is_chosen = self.chance.below(100) < usize::from(self.shadows.options().percent);
        if is_chosen
            && may_be_copied(&request)
            && let Some(shadow) = self.shadows.begin(request.body().size_hint().lower())
        {
            return self.inner.call(with_copy(request, shadow));
        }
        self.inner.call(request)
    }
}

impl<T: fmt::Debug> fmt::Debug for MirrorLayer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MirrorLayer").field("shadow", &self.shadow).field("options", &self.options).finish()
    }
}

impl<S: fmt::Debug, T> fmt::Debug for Mirror<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mirror")
            .field("inner", &self.inner)
            .field("options", self.shadows.options())
            .finish_non_exhaustive()
    }
}
