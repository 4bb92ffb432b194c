//! The requests to the collector. They go through the same client as those to upstreams.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use axum::body::Body;
use axum::http::header::HOST;
use axum::http::uri::Parts;
use axum::http::{HeaderName, HeaderValue, Request, Response, Uri};
use bytes::Bytes;
use opentelemetry_http::{HttpClient, HttpError};
use proxy_service::{Client, ProxyLayer, ProxyService, Target};
use tower::{Layer as _, ServiceExt as _};

/// The largest answer that is read.
const LARGEST: usize = 64 << 10;

/// Posts spans to a collector.
pub(super) struct Requests {
    collector: ProxyService<Client<Body>>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Requests {
    pub(super) fn new(collector: &Target, headers: Vec<(HeaderName, HeaderValue)>) -> Self {
        let client = proxy_service::client();
        Self { collector: ProxyLayer::new(collector.clone()).own_requests().layer(client), headers }
    }

    async fn send(
        collector: ProxyService<Client<Body>>,
        headers: Vec<(HeaderName, HeaderValue)>,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, HttpError> {
        let mut request = request.map(Body::from);
        let Parts { authority: Some(authority), .. } = std::mem::take(request.uri_mut()).into_parts() else {
            return Err("the exporter named no whole URL".into());
        };
        // The proxy puts the collector's base path before it.
        *request.uri_mut() = Uri::from_static("/v1/traces");
        request.headers_mut().insert(HOST, HeaderValue::from_str(authority.as_str())?);
        request.headers_mut().extend(headers);
        let (parts, body) = collector.oneshot(request).await?.into_parts();
        let body = axum::body::to_bytes(Body::new(body), LARGEST).await?;
        Ok(Response::from_parts(parts, body))
    }
}

type Sending<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'a>>;

impl HttpClient for Requests {
    fn send_bytes<'a, 'b>(&'a self, request: Request<Bytes>) -> Sending<'b>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(Self::send(self.collector.clone(), self.headers.clone(), request))
    }
}

impl fmt::Debug for Requests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Requests").field("collector", self.collector.target()).finish_non_exhaustive()
    }
}
