//! `cors`: which pages of other origins may read answers, by tower-http.

use std::task::{Context, Poll};

use axum::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN,
};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, Request, Response};
use tower::{Layer, Service};
use tower_http::cors::{self, AllowHeaders, AllowMethods, AllowOrigin, ExposeHeaders};

use super::changed::{Change, Changing};
use crate::config::{AllowedOrigin, Cors, Listed};

/// Tells browsers which pages of other origins may read answers. It answers preflights itself, and what the upstream says
/// about it is removed.
///
/// tower-http does it, but takes every `OPTIONS` for a preflight. This layer passes others on.
///
/// ```
/// use gateway::config::Cors;
/// use gateway::route::answers::CorsLayer;
///
/// let layer = CorsLayer::new(&Cors::for_anyone());
/// # let _ = tower::Layer::layer(&layer, ());
/// ```
#[derive(Clone, Debug)]
pub struct CorsLayer {
    rules: cors::CorsLayer,
}

impl CorsLayer {
    /// By these rules. Where anything is [`Listed::Any`] there are no credentials: browsers don't take both, and answers for
    /// a signed-in user would be anybody's.
    pub fn new(config: &Cors) -> Self {
        let Cors { origins, methods, headers, expose, credentials, max_age } = config.clone();
        let is_open = [origins.is_any(), methods.is_any(), headers.is_any(), expose.is_any()].contains(&true);
        let rules = cors::CorsLayer::new()
            .allow_credentials(credentials && !is_open)
            .allow_origin(origins_of(origins))
            .allow_methods(methods.into_list().map_or_else(AllowMethods::any, AllowMethods::list))
            .allow_headers(headers.into_list().map_or_else(AllowHeaders::any, AllowHeaders::list))
            .expose_headers(expose.into_list().map_or_else(ExposeHeaders::any, ExposeHeaders::list));
        Self { rules: max_age.into_iter().fold(rules, cors::CorsLayer::max_age) }
    }
}

fn origins_of(origins: Listed<AllowedOrigin>) -> AllowOrigin {
    let Some(origins) = origins.into_list() else { return AllowOrigin::any() };
    AllowOrigin::predicate(move |origin: &HeaderValue, _: &Parts| {
        origins.iter().any(|allowed| allowed.is(origin))
    })
}

impl<S> Layer<S> for CorsLayer {
    type Service = WithCors<S>;

    fn layer(&self, inner: S) -> WithCors<S> {
        WithCors { inner: self.rules.layer(Behind { inner }) }
    }
}

/// The service of a [`CorsLayer`].
#[derive(Clone, Debug)]
pub struct WithCors<S> {
    inner: cors::Cors<Behind<S>>,
}

impl<S, A, B> Service<Request<A>> for WithCors<S>
where
    S: Service<Request<A>, Response = Response<B>>,
    B: Default,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = cors::ResponseFuture<Changing<S::Future, WithoutTheUpstreams>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<A>) -> Self::Future {
        if request.method() == Method::OPTIONS && !is_preflight(&request) {
            *request.method_mut() = Method::GET;
            request.extensions_mut().insert(Disguised);
        }
        self.inner.call(request)
    }
}

/// Whether a browser asks what another request may have (Fetch standard, "CORS-preflight request").
pub(crate) fn is_preflight<B>(request: &Request<B>) -> bool {
    let headers = request.headers();
    request.method() == Method::OPTIONS
        && headers.contains_key(ORIGIN)
        && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// An `OPTIONS` that isn't a preflight, and that tower-http takes for a GET.
#[derive(Clone, Copy, Debug)]
struct Disguised;

/// What is behind tower-http's service.
#[derive(Clone, Debug)]
struct Behind<S> {
    inner: S,
}

impl<S, A, B> Service<Request<A>> for Behind<S>
where
    S: Service<Request<A>, Response = Response<B>>,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = Changing<S::Future, WithoutTheUpstreams>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<A>) -> Self::Future {
        if request.method() == Method::GET && request.extensions_mut().remove::<Disguised>().is_some() {
            *request.method_mut() = Method::OPTIONS;
        }
        Changing::new(self.inner.call(request), WithoutTheUpstreams)
    }
}

/// Removes what the upstream says about CORS: two who say it are one too many for browsers.
#[derive(Clone, Copy, Debug)]
pub struct WithoutTheUpstreams;

static SAID: [HeaderName; 6] = [
    ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_ALLOW_CREDENTIALS,
    ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_HEADERS,
    ACCESS_CONTROL_EXPOSE_HEADERS,
    ACCESS_CONTROL_MAX_AGE,
];

impl<B> Change<Response<B>> for WithoutTheUpstreams {
    type Changed = Response<B>;

    fn change(self, mut response: Response<B>) -> Response<B> {
        let headers = response.headers_mut();
        SAID.iter().for_each(|name| drop(headers.remove(name)));
        response
    }
}
