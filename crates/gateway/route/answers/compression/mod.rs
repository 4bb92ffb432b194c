//! `compression`: answers compressed on the way, by tower-http.

mod body;
mod fitness;
mod judged;
mod settled;
mod tag;

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::{Extensions, HeaderMap, Request, Response, StatusCode, Version};
use tower::{Layer, Service};
use tower_http::compression::{self, CompressionLevel, ResponseFuture};

use self::judged::{Judged, Judgement};
use self::settled::Settle;
use super::changed::Changing;
use crate::config::{Coding, Compression};

/// Compresses answers that are worth it, for clients that take them so.
///
/// tower-http compresses them, piece by piece: what an upstream has sent goes out before more is waited for. This layer
/// says which answers it may take ([`Compression`]; never what is compressed already, a range, an event stream, gRPC,
/// or anything with `no-transform`), weakens their `ETag`, and has no more than 256 of them compressed at a time in one
/// process, since each takes up to some MiB. The others go out as they are. An answer to HEAD has the head that it
/// would have with its body.
///
/// ```
/// use gateway::config::Compression;
/// use gateway::route::answers::CompressionLayer;
///
/// let layer = CompressionLayer::new(Compression { min_size: 4096, ..Compression::default() });
/// # let _ = tower::Layer::layer(&layer, ());
/// ```
#[derive(Clone, Debug)]
pub struct CompressionLayer {
    config: Arc<Compression>,
}

impl CompressionLayer {
    /// Compresses answers so.
    pub fn new(config: Compression) -> Self {
        Self { config: Arc::new(config) }
    }
}

impl<S> Layer<S> for CompressionLayer {
    type Service = Compressed<S>;

    fn layer(&self, inner: S) -> Compressed<S> {
        let Compression { algorithms, level, .. } = &*self.config;
        let level = level.map_or(CompressionLevel::Default, |level| CompressionLevel::Precise(level.into()));
        let layer = compression::CompressionLayer::new()
            .gzip(algorithms.contains(&Coding::Gzip))
            .br(algorithms.contains(&Coding::Brotli))
            .zstd(algorithms.contains(&Coding::Zstd))
            .quality(level)
            .compress_when(as_judged as IsFit);
        Compressed { inner: layer.layer(Judged::new(inner, Arc::clone(&self.config))) }
    }
}

type IsFit = fn(StatusCode, Version, &HeaderMap, &Extensions) -> bool;

fn as_judged(_: StatusCode, _: Version, _: &HeaderMap, extensions: &Extensions) -> bool {
    extensions.get::<Judgement>().is_some_and(Judgement::is_fit)
}

/// The service of a [`CompressionLayer`].
#[derive(Clone)]
pub struct Compressed<S> {
    inner: compression::Compression<Judged<S>, IsFit>,
}

impl<S, A> Service<Request<A>> for Compressed<S>
where
    S: Service<Request<A>, Response = Response<Body>>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Changing<ResponseFuture<<Judged<S> as Service<Request<A>>>::Future, IsFit>, Settle>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        Changing::new(self.inner.call(request), Settle)
    }
}

impl<S> fmt::Debug for Compressed<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compressed").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
