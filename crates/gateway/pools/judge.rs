//! Whose fault a result is.

use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use balance::{Classify, ClassifyBody, Outcome};
use proxy_service::{ErrorKind, Failed, ProxyError, Side, Stage};

/// Blames an upstream for what RFC 9209 calls its errors, for answering 502, 503 or 504, and for a body that breaks off;
/// never for a client that leaves or sends something bad. Tells apart what a dial can find out: that nobody can connect.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judge;

impl<B> Classify<Response<B>, Failed<Request<Body>>> for Judge {
    fn classify(&self, result: Result<&Response<B>, &Failed<Request<Body>>>) -> Outcome {
        match result {
            Ok(response) => by_status(response.status()),
            Err(failed) => by_error(failed.error()),
        }
    }
}

impl ClassifyBody<ProxyError> for Judge {
    fn classify_body(&self, error: &ProxyError) -> Outcome {
        by_error(error)
    }
}

fn by_status(status: StatusCode) -> Outcome {
    match status {
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
            Outcome::Failure
        }
        _ => Outcome::Success,
    }
}

fn by_error(error: &ProxyError) -> Outcome {
    match error.kind().side() {
        Side::Upstream if could_not_connect(error) => Outcome::Unreachable,
        Side::Upstream => Outcome::Failure,
        Side::Client | Side::Gateway => Outcome::Neutral,
    }
}

/// From the name to the end of the TLS handshake. Nothing was sent then; but that can also be said by a connection that
/// stands, and ends before the request's turn.
fn could_not_connect(error: &ProxyError) -> bool {
    let is_of_connecting = matches!(
        error.kind(),
        ErrorKind::DnsTimeout
            | ErrorKind::DnsError
            | ErrorKind::DestinationIpUnroutable
            | ErrorKind::ConnectionRefused
            | ErrorKind::ConnectionTimeout
            | ErrorKind::TlsProtocolError
            | ErrorKind::TlsCertificateError
    );
    error.stage() == Stage::Connect && is_of_connecting
}
