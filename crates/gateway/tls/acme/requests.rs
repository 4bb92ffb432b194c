//! The requests to the authority. They go through the same client as those to upstreams.

use std::future::Future;
use std::pin::Pin;

use axum::body::Body;
use axum::http::header::HOST;
use axum::http::uri::Parts;
use axum::http::{HeaderValue, Request};
use bytes::Bytes;
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use proxy_service::{BoxError, Client, ProxyLayer, Target};
use tower::{Layer as _, ServiceExt as _};

/// The largest answer that is read. A chain of certificates has a few KiB.
const LARGEST: usize = 1 << 20;

/// Sends the requests of an ACME client.
pub(super) struct Requests(pub(super) Client<Body>);

type Sending = Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>>;

impl HttpClient for Requests {
    fn request(&self, request: Request<BodyWrapper<Bytes>>) -> Sending {
        let client = self.0.clone();
        Box::pin(async move { send(client, request).await.map_err(Error::Other) })
    }
}

async fn send(client: Client<Body>, request: Request<BodyWrapper<Bytes>>) -> Result<BytesResponse, BoxError> {
    let mut request = request.map(Body::new);
    let Parts { scheme: Some(scheme), authority: Some(authority), path_and_query: Some(path), .. } =
        std::mem::take(request.uri_mut()).into_parts()
    else {
        return Err("the authority named no whole URL".into());
    };
    *request.uri_mut() = path.into();
    request.headers_mut().insert(HOST, HeaderValue::from_str(authority.as_str())?);
    let target = format!("{scheme}://{authority}").parse::<Target>()?;
    let response = ProxyLayer::new(target).own_requests().layer(client).oneshot(request).await?;
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(Body::new(body), LARGEST).await?;
    Ok(BytesResponse { parts, body: Box::new(body) })
}
