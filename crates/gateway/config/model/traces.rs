use axum::http::{HeaderName, HeaderValue};
use proxy_service::Target;

/// `[traces]`: which requests are traced, and where their spans go.
#[derive(Clone, Debug, PartialEq)]
pub struct Traces {
    /// The collector's base URL. Spans are posted to `/v1/traces` below it, by OTLP over HTTP. Default: `None`; then the
    /// context is passed on, and no span is made.
    pub otlp: Option<Target>,
    /// The share of the requests that are traced, from 0 to 1, besides those whose caller traces them. Default: 0.01.
    pub sample: f64,
    /// Whether everybody's `traceparent` is continued. Default: `false`, only those of trusted proxies.
    pub trust: bool,
    /// The gateway's name in traces. Default: `gateway`.
    pub service: String,
    /// Fields that are sent with spans, such as a key of the collector's. They are marked as sensitive.
    pub headers: Vec<(HeaderName, HeaderValue)>,
}
