//! Decides whether a result counts as a failure of its upstream.

use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use balance::{Classify, ClassifyBody, Outcome};
use proxy_service::{ErrorKind, Failed, ProxyError, Side, Stage};

/// Classifies results. An upstream's failures are the errors that RFC 9209 attributes to it, the statuses 502, 503 and
/// 504, and bodies that break off. A client that leaves or sends something malformed is no failure of the upstream. If
/// a connection couldn't be made, the upstream is unreachable, which a dial can check later.
#[derive(Clone, Copy, Debug)]
pub struct Judge;

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

/// Whether connecting failed: the DNS lookup, TCP or the TLS handshake. [`Stage::Connect`] alone doesn't say that,
/// since a connection that was made and closed before the request was sent has the same stage.
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
