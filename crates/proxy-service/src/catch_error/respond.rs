//! From an error to the response.

use std::error::Error;

use bytes::Bytes;
use http::header::{ALLOW, CONNECTION, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use http::uri::Authority;
use http::{Response, StatusCode, Version};

use super::asked::Asked;
use super::body::CatchErrorBody;
use crate::error::{ErrorKind, ProxyError, Side};
use crate::telemetry;

static PROXY_STATUS: HeaderName = HeaderName::from_static("proxy-status");
static GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");

/// Answers errors, under the proxy's name.
#[derive(Clone, Debug)]
pub(super) struct Respond {
    pseudonym: Authority,
}

impl Respond {
    pub(super) fn new(pseudonym: &Authority) -> Self {
        Self { pseudonym: pseudonym.clone() }
    }

    pub(super) fn to<B>(
        &self,
        error: &(dyn Error + Send + Sync + 'static),
        asked: Asked,
    ) -> Response<CatchErrorBody<B>> {
        let found = ProxyError::find(error);
        let kind = found.map_or(ErrorKind::DestinationUnavailable, ProxyError::kind);
        log(error, kind);
        if kind == ErrorKind::LastHop {
            return last_hop();
        }
        let mut response = if asked.is_grpc { grpc(kind) } else { plain(kind) };
        let headers = response.headers_mut();
        headers.insert(&PROXY_STATUS, self.proxy_status(kind));
        if kind.status() == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if kind == ErrorKind::MethodNotAllowed {
            headers.insert(ALLOW, HeaderValue::from_static(ALLOWED));
        }
        if asked.version < Version::HTTP_2 && (asked.is_connect || leaves_doubt_about_framing(kind)) {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response.extensions_mut().insert(kind);
        if let Some(upstream) = found.and_then(ProxyError::upstream) {
            response.extensions_mut().insert(upstream.clone());
        }
        response
    }

    /// The proxy's name and the type of the error (RFC 9209 §2). Details are for the log.
    fn proxy_status(&self, kind: ErrorKind) -> HeaderValue {
        let text = format!("{}; error={}", self.pseudonym, kind.name());
        HeaderValue::from_str(&text).expect("an authority and a registered name are visible ASCII")
    }
}

fn plain<B>(kind: ErrorKind) -> Response<CatchErrorBody<B>> {
    let status = kind.status();
    let reason = status.canonical_reason().unwrap_or("Error");
    let mut response = Response::new(CatchErrorBody::from(Bytes::from(format!("{reason}\n"))));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// What `Allow` says. Methods with other names are forwarded too, except CONNECT and TRACE.
const ALLOWED: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/// Answers an OPTIONS request that may not be forwarded any further. This is not a failure.
fn last_hop<B>() -> Response<CatchErrorBody<B>> {
    let mut response = Response::new(CatchErrorBody::default());
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(ALLOWED));
    response
}

/// A response whose trailers are in its head ("Trailers-Only" in gRPC over HTTP/2).
fn grpc<B>(kind: ErrorKind) -> Response<CatchErrorBody<B>> {
    let mut response = Response::new(CatchErrorBody::default());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    response.headers_mut().insert(&GRPC_STATUS, u16::from(kind.grpc_status()).into());
    response
}

/// Whether it is unclear where the next request on the connection begins. It is so after a refused CONNECT as well: a
/// client may send bytes for the tunnel without waiting for the answer.
fn leaves_doubt_about_framing(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::BadRequest | ErrorKind::UnknownTransferCoding | ErrorKind::RequestTimeout)
}

fn log(error: &(dyn Error + Send + Sync + 'static), kind: ErrorKind) {
    let chain = Chain(error);
    match kind.side() {
        Side::Client if is_over_limit(kind) => {
            tracing::info!(target: telemetry::ERROR, kind = kind.name(), error = %chain);
        }
        Side::Client => tracing::debug!(target: telemetry::ERROR, kind = kind.name(), error = %chain),
        Side::Upstream => tracing::warn!(target: telemetry::ERROR, kind = kind.name(), error = %chain),
        Side::Gateway if kind == ErrorKind::ProxyInternalError => {
            tracing::error!(target: telemetry::ERROR, kind = kind.name(), error = %chain);
        }
        Side::Gateway => tracing::warn!(target: telemetry::ERROR, kind = kind.name(), error = %chain),
    }
}

/// Whether a limit was exceeded that the operator has set, and that may be too low.
fn is_over_limit(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ContentTooLarge | ErrorKind::TargetTooLong | ErrorKind::HeadTooLarge)
}

/// Shows an error and its sources in one line.
struct Chain<'a>(&'a (dyn Error + Send + Sync + 'static));

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut next = self.0.source();
        while let Some(source) = next {
            write!(f, ": {source}")?;
            next = source.source();
        }
        Ok(())
    }
}
