//! `Ended`: why a request ended.

use proxy_service::{ErrorKind, ProxyError, Side};

/// Why a request ended: if it broke off, who did that and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The answer was passed on as a whole.
    Complete,
    /// The gateway refused the request: it is malformed, too large, or may not be forwarded.
    Refused,
    /// No upstream took the request: there is none, or all are full.
    NoUpstream,
    /// The upstream's name isn't found, or it can't be connected to.
    ConnectFailed,
    /// It wasn't connected to in time.
    TimeoutInConnect,
    /// The upstream broke off before the head of its answer was complete, or it is no HTTP.
    UpstreamBrokeBeforeHead,
    /// The head of its answer didn't come in time.
    TimeoutBeforeHead,
    /// The upstream broke off in the body of its answer.
    UpstreamBrokeInBody,
    /// The upstream was silent for too long in the body of its answer.
    TimeoutInBody,
    /// The client left before the head of the answer.
    ClientLeftBeforeHead,
    /// The client left, or took nothing for too long, in the body of the answer.
    ClientLeftInBody,
    /// The client sent its body too slowly.
    TimeoutInUpload,
    /// The whole request took too long (`timeouts.request`).
    TimeoutOfRequest,
    /// The gateway failed.
    GatewayFailed,
}

impl Ended {
    /// The end of a request that was answered with an error.
    pub(super) fn answered(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::DestinationUnavailable | ErrorKind::ConnectionLimitReached => Self::NoUpstream,
            ErrorKind::DnsTimeout | ErrorKind::ConnectionTimeout => Self::TimeoutInConnect,
            ErrorKind::DnsError
            | ErrorKind::DestinationIpUnroutable
            | ErrorKind::ConnectionRefused
            | ErrorKind::TlsProtocolError
            | ErrorKind::TlsCertificateError => Self::ConnectFailed,
            ErrorKind::HttpResponseTimeout => Self::TimeoutBeforeHead,
            ErrorKind::RequestTimeout => Self::TimeoutInUpload,
            ErrorKind::DeadlineExceeded => Self::TimeoutOfRequest,
            ErrorKind::ClientGone => Self::ClientLeftBeforeHead,
            ErrorKind::UpgradeUnavailable | ErrorKind::Http1Unavailable => Self::Refused,
            other => match other.side() {
                Side::Client => Self::Refused,
                Side::Upstream => Self::UpstreamBrokeBeforeHead,
                Side::Gateway => Self::GatewayFailed,
            },
        }
    }

    /// The end of a request whose answer broke off.
    pub(super) fn in_body(error: &ProxyError) -> Self {
        match error.kind().side() {
            Side::Upstream if error.is_timeout() => Self::TimeoutInBody,
            Side::Client => Self::ClientLeftInBody,
            Side::Upstream => Self::UpstreamBrokeInBody,
            Side::Gateway => Self::GatewayFailed,
        }
    }

    /// Its word in logs.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Refused => "refused",
            Self::NoUpstream => "no_upstream",
            Self::ConnectFailed => "connect_failed",
            Self::TimeoutInConnect => "timeout_in_connect",
            Self::UpstreamBrokeBeforeHead => "upstream_broke_before_head",
            Self::TimeoutBeforeHead => "timeout_before_head",
            Self::UpstreamBrokeInBody => "upstream_broke_in_body",
            Self::TimeoutInBody => "timeout_in_body",
            Self::ClientLeftBeforeHead => "client_left_before_head",
            Self::ClientLeftInBody => "client_left_in_body",
            Self::TimeoutInUpload => "timeout_in_upload",
            Self::TimeoutOfRequest => "timeout_of_request",
            Self::GatewayFailed => "gateway_failed",
        }
    }
}
