//! What can go wrong, by RFC 9209 error type, and what follows from it.

use http::StatusCode;

/// Who caused a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The client sent something wrong, too slowly, or left.
    Client,
    /// The upstream can't be reached, or answered badly. A balancer blames the endpoint.
    Upstream,
    /// The gateway itself, or it has no endpoint to send to.
    Gateway,
}

/// What went wrong.
///
/// [`name`](Self::name) is the error type in the registry of RFC 9209 §2.3. Several kinds of client errors share the
/// type `http_request_error`, and differ in their status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The upstream's name was not resolved in time.
    DnsTimeout,
    /// The upstream's name could not be resolved.
    DnsError,
    /// There is no endpoint to send to.
    DestinationUnavailable,
    /// There is no route to the upstream's address.
    DestinationIpUnroutable,
    /// The upstream refused the connection.
    ConnectionRefused,
    /// The connection ended before the response.
    ConnectionTerminated,
    /// The connection was not made in time.
    ConnectionTimeout,
    /// A connection limit or queue is full.
    ConnectionLimitReached,
    /// The TLS handshake failed.
    TlsProtocolError,
    /// The upstream's certificate was not accepted.
    TlsCertificateError,
    /// The request is malformed or ambiguous: 400.
    BadRequest,
    /// A method that a gateway doesn't forward (CONNECT, TRACE): 405.
    MethodNotAllowed,
    /// An OPTIONS request that may not be forwarded (`Max-Forwards: 0`, RFC 9110 §7.6.2). It is answered here: 200.
    LastHop,
    /// The client sent its body too slowly: 408.
    RequestTimeout,
    /// The client has sent more requests than a limit allows: 429.
    TooManyRequests,
    /// The request body is larger than allowed: 413.
    ContentTooLarge,
    /// The target of the request is longer than allowed: 414.
    TargetTooLong,
    /// The head of the request is larger than allowed, or has more fields: 431.
    HeadTooLarge,
    /// An `Expect` other than `100-continue`: 417.
    ExpectationFailed,
    /// A transfer coding that isn't `chunked`: 501.
    UnknownTransferCoding,
    /// Another version of HTTP than those that are spoken: 505.
    UnknownVersion,
    /// The client left before the end. It gets no answer; logs say 499.
    ClientGone,
    /// The response's body broke off or stalled.
    HttpResponseIncomplete,
    /// The response's headers are too large.
    HttpResponseHeaderSectionSize,
    /// The response's transfer coding isn't exactly `chunked`.
    HttpResponseTransferCoding,
    /// The head of the response did not come in time.
    HttpResponseTimeout,
    /// The whole request took too long, whoever was slow: 503.
    DeadlineExceeded,
    /// The upstream switched protocols without being asked, or to another protocol than it was asked for.
    HttpUpgradeFailed,
    /// The client asked for an upgrade, and the upstream is spoken to only in HTTP/2, which has none: 501.
    UpgradeUnavailable,
    /// The request needs HTTP/1.1, and the upstream is spoken to only in HTTP/2: 502.
    Http1Unavailable,
    /// The response is not valid HTTP.
    HttpProtocolError,
    /// A bug in the gateway.
    ProxyInternalError,
    /// This process has forwarded the request before.
    ProxyLoopDetected,
}

/// What follows from a kind.
struct Facts {
    name: &'static str,
    side: Side,
    status: StatusCode,
    grpc: GrpcStatus,
}

/// The gRPC status codes that are used (<https://grpc.github.io/grpc/core/md_doc_statuscodes.html>).
#[derive(Clone, Copy)]
enum GrpcStatus {
    Cancelled = 1,
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    ResourceExhausted = 8,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
}

impl ErrorKind {
    /// All kinds, in the order of their declaration.
    pub const ALL: [Self; 33] = [
        Self::DnsTimeout,
        Self::DnsError,
        Self::DestinationUnavailable,
        Self::DestinationIpUnroutable,
        Self::ConnectionRefused,
        Self::ConnectionTerminated,
        Self::ConnectionTimeout,
        Self::ConnectionLimitReached,
        Self::TlsProtocolError,
        Self::TlsCertificateError,
        Self::BadRequest,
        Self::MethodNotAllowed,
        Self::LastHop,
        Self::RequestTimeout,
        Self::TooManyRequests,
        Self::ContentTooLarge,
        Self::TargetTooLong,
        Self::HeadTooLarge,
        Self::ExpectationFailed,
        Self::UnknownTransferCoding,
        Self::UnknownVersion,
        Self::ClientGone,
        Self::HttpResponseIncomplete,
        Self::HttpResponseHeaderSectionSize,
        Self::HttpResponseTransferCoding,
        Self::HttpResponseTimeout,
        Self::DeadlineExceeded,
        Self::HttpUpgradeFailed,
        Self::UpgradeUnavailable,
        Self::Http1Unavailable,
        Self::HttpProtocolError,
        Self::ProxyInternalError,
        Self::ProxyLoopDetected,
    ];

    fn facts(self) -> Facts {
        use GrpcStatus::*;
        use Side::{Client, Gateway, Upstream};
        let facts = |name, side, status, grpc| Facts { name, side, status, grpc };
        let bad_request = |status, grpc| facts("http_request_error", Client, status, grpc);
        match self {
            Self::DnsTimeout => facts("dns_timeout", Upstream, StatusCode::BAD_GATEWAY, Unavailable),
            Self::DnsError => facts("dns_error", Upstream, StatusCode::BAD_GATEWAY, Unavailable),
            Self::DestinationUnavailable => {
                facts("destination_unavailable", Gateway, StatusCode::SERVICE_UNAVAILABLE, Unavailable)
            }
            Self::DestinationIpUnroutable => {
                facts("destination_ip_unroutable", Upstream, StatusCode::BAD_GATEWAY, Unavailable)
            }
            Self::ConnectionRefused => {
                facts("connection_refused", Upstream, StatusCode::BAD_GATEWAY, Unavailable)
            }
            Self::ConnectionTerminated => {
                facts("connection_terminated", Upstream, StatusCode::BAD_GATEWAY, Unavailable)
            }
            Self::ConnectionTimeout => {
                facts("connection_timeout", Upstream, StatusCode::GATEWAY_TIMEOUT, Unavailable)
            }
            Self::ConnectionLimitReached => {
                facts("connection_limit_reached", Gateway, StatusCode::SERVICE_UNAVAILABLE, ResourceExhausted)
            }
            Self::TlsProtocolError => {
                facts("tls_protocol_error", Upstream, StatusCode::BAD_GATEWAY, Unavailable)
            }
            Self::TlsCertificateError => {
                facts("tls_certificate_error", Upstream, StatusCode::BAD_GATEWAY, Unavailable)
            }
            Self::BadRequest => bad_request(StatusCode::BAD_REQUEST, InvalidArgument),
            Self::MethodNotAllowed => bad_request(StatusCode::METHOD_NOT_ALLOWED, Unimplemented),
            Self::LastHop => bad_request(StatusCode::OK, Unimplemented),
            Self::RequestTimeout => bad_request(StatusCode::REQUEST_TIMEOUT, DeadlineExceeded),
            Self::TooManyRequests => {
                facts("http_request_denied", Client, StatusCode::TOO_MANY_REQUESTS, ResourceExhausted)
            }
            Self::ContentTooLarge => bad_request(StatusCode::PAYLOAD_TOO_LARGE, ResourceExhausted),
            Self::TargetTooLong => bad_request(StatusCode::URI_TOO_LONG, ResourceExhausted),
            Self::HeadTooLarge => bad_request(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, ResourceExhausted),
            Self::ExpectationFailed => bad_request(StatusCode::EXPECTATION_FAILED, InvalidArgument),
            Self::UnknownTransferCoding => bad_request(StatusCode::NOT_IMPLEMENTED, Unimplemented),
            Self::UnknownVersion => bad_request(StatusCode::HTTP_VERSION_NOT_SUPPORTED, Unimplemented),
            Self::ClientGone => bad_request(client_closed_request(), Cancelled),
            Self::HttpResponseIncomplete => {
                facts("http_response_incomplete", Upstream, StatusCode::BAD_GATEWAY, Unavailable)
            }
            Self::HttpResponseHeaderSectionSize => {
                facts("http_response_header_section_size", Upstream, StatusCode::BAD_GATEWAY, Internal)
            }
            Self::HttpResponseTransferCoding => {
                facts("http_response_transfer_coding", Upstream, StatusCode::BAD_GATEWAY, Internal)
            }
            Self::HttpResponseTimeout => {
                facts("http_response_timeout", Upstream, StatusCode::GATEWAY_TIMEOUT, DeadlineExceeded)
            }
            Self::DeadlineExceeded => {
                facts("http_response_timeout", Gateway, StatusCode::SERVICE_UNAVAILABLE, DeadlineExceeded)
            }
            Self::HttpUpgradeFailed => {
                facts("http_upgrade_failed", Upstream, StatusCode::BAD_GATEWAY, Internal)
            }
            Self::UpgradeUnavailable => {
                facts("http_upgrade_failed", Gateway, StatusCode::NOT_IMPLEMENTED, Unimplemented)
            }
            Self::Http1Unavailable => {
                facts("proxy_configuration_error", Gateway, StatusCode::BAD_GATEWAY, Unimplemented)
            }
            Self::HttpProtocolError => {
                facts("http_protocol_error", Upstream, StatusCode::BAD_GATEWAY, Internal)
            }
            Self::ProxyInternalError => {
                facts("proxy_internal_error", Gateway, StatusCode::INTERNAL_SERVER_ERROR, Internal)
            }
            Self::ProxyLoopDetected => {
                facts("proxy_loop_detected", Client, StatusCode::LOOP_DETECTED, Internal)
            }
        }
    }

    /// The error type in the RFC 9209 registry, as `Proxy-Status` says it.
    pub fn name(self) -> &'static str {
        self.facts().name
    }

    /// The HTTP status that the client is answered with. 499 for a client that left, which nobody sees but the log.
    pub fn status(self) -> StatusCode {
        self.facts().status
    }

    /// The `grpc-status` that a gRPC client is answered with.
    pub fn grpc_status(self) -> u8 {
        self.facts().grpc as u8
    }

    /// Who caused it. [`Side::Upstream`] means that the endpoint is to blame.
    pub fn side(self) -> Side {
        self.facts().side
    }
}

fn client_closed_request() -> StatusCode {
    StatusCode::from_u16(499).expect("499 lies between 100 and 999")
}
